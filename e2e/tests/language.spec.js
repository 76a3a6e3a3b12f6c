// The same pages in Dutch, and the choices of theme and menu that stay.
import { address, expect, shot, signIn, test } from '../support/shop.js';

test('the language is chosen in the menu and stays', async ({ page }) => {
  await signIn(page, 'sales_representative');
  await page.locator('summary[aria-label$="Your account"]').click();
  await page.getByRole('button', { name: 'Nederlands' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Klanten');
  await shot(page, 'customers-dutch');
  await page.goto(address('/profile'));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Profiel');
  await page.locator('summary[aria-label$="Uw account"]').click();
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Profile');
});

test('the side menu stays collapsed on the next page', async ({ page }) => {
  await signIn(page);
  await page.getByRole('button', { name: 'Collapse' }).click();
  await page.goto(address('/companies'));
  await expect(page.locator('.frame')).toHaveClass(/narrow/);
  await shot(page, 'menu-collapsed');
});

test('the theme changes at once and stays', async ({ page }) => {
  await signIn(page, 'support_agent');
  await page.locator('summary[aria-label$="Your account"]').click();
  const saved = page.waitForResponse('**/profile/theme');
  await page.getByRole('button', { name: 'Dark' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await saved;
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('a page works without script', async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await signIn(page);
  await page.locator('tr[data-href] a.list-link').first().click();
  await page.getByRole('link', { name: /Contacts and addresses/ }).click();
  await expect(page.getByRole('heading', { name: /E-mail addresses/ })).toBeVisible();
  await page.goto(address('/customers?status=guest'));
  await expect(page.locator('.list-chips')).toContainText('Guest');
  await context.close();
});
