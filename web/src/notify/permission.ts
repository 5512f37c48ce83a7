/** Whether the page may show notifications: not asked yet, allowed, refused, or not to be had here. */
export type NotifyState = 'ask' | 'on' | 'off' | 'none';

/** How that stands now. */
export function notifyState(): NotifyState {
  if (!('Notification' in globalThis)) return 'none';
  return ({ default: 'ask', granted: 'on', denied: 'off' } as const)[Notification.permission];
}

/** Asks the person. Only after a click: browsers refuse it else. */
export async function askToNotify(): Promise<NotifyState> {
  if (notifyState() === 'ask') await Notification.requestPermission();
  return notifyState();
}
