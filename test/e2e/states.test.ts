import { describe, expect, it } from 'vitest';
import { embedded, useSite } from '../support/site.ts';
import { come, field, openRoom, say, sees } from './pages.ts';

describe('what is shown when something is missing', { timeout: 120_000 }, () => {
  const site = useSite(embedded);

  it('says that a part of the page did not come, and goes on with the rest', async () => {
    const page = await come(site, 'alice');
    await openRoom(page, /General/);
    await page.context().setOffline(true);
    await page.getByText('You are offline.').first().waitFor();
    await field(page).fill('Half a sentence');

    await page.getByRole('button', { name: 'Account and settings' }).click();
    const missing = page.getByRole('dialog', { name: 'This part of the page could not be loaded.' });
    await missing.getByRole('button', { name: 'Reload the page' }).click();
    await page.keyboard.press('Escape');
    await missing.waitFor({ state: 'detached' });
    expect(await field(page).inputValue()).toBe('Half a sentence');

    await page.getByRole('link', { name: 'Browse rooms' }).click();
    await page.getByRole('heading', { name: 'This part of the page could not be loaded.' }).waitFor();
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Reload the page' }).click();
    await page.getByRole('link', { name: 'Open General' }).click();
    await field(page).waitFor();
    expect(await field(page).inputValue()).toBe('Half a sentence');
    await page.getByRole('button', { name: 'Account and settings' }).click();
    await page.getByRole('dialog', { name: 'Account and settings' }).waitFor();
    await page.keyboard.press('Escape');
    await say(page, 'A whole sentence');
    await sees(page, 'A whole sentence');
  });
});
