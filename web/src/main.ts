// To run the page takes longer than to fetch it from near by: what index.html shows meanwhile is to be painted first. Where nobody looks nothing is
// painted, and elsewhere it may take its time: so it is not waited for in any case.
const PATIENCE_MS = 100;

// A module runs once, however often it is asked for.
const start = () => void import('./start.tsx');
requestAnimationFrame(() => setTimeout(start));
setTimeout(start, PATIENCE_MS);
