import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App, LastResort } from './app.tsx';
import './base/theme.ts';

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <LastResort>
        <App />
      </LastResort>
    </StrictMode>,
  );
}
