// The main job: find, open, change, and what happens when two people save.
import { addCustomer, address, expect, expectAccessible, shot, signIn, test } from '../support/shop.js';

test.beforeEach(async ({ page }) => signIn(page));

test('a customer is found by typing, with a typing error, and opened with Enter', async ({ page }) => {
  await addCustomer(page, 'Zwanenveld');
  await page.keyboard.press('/');
  await page.keyboard.type('zwanevelt');
  const hit = page.locator('#search-results .hit').first();
  await expect(hit).toContainText('Zwanenveld');
  await shot(page, 'search-typing-error');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Test Zwanenveld');
});

test('a row opens by double click, by its name, and by keyboard', async ({ page }) => {
  const row = page.locator('tr[data-href]').nth(1);
  const href = await row.getAttribute('data-href');
  await row.locator('td').nth(2).dblclick();
  await page.waitForURL(`**${href}`);

  await page.goto(address('/customers'));
  await page.locator('tr[data-href]').nth(1).locator('a.list-link').click();
  await page.waitForURL(`**${href}`);

  await page.goto(address('/customers'));
  for (const key of ['j', 'j', 'Enter']) await page.keyboard.press(key);
  await page.waitForURL(`**${href}`);
});

test('rows are selected by click, Space and Shift, and counted', async ({ page }) => {
  for (const key of ['j', ' ', 'Shift+ArrowDown', 'Shift+ArrowDown']) await page.keyboard.press(key);
  await expect(page.locator('#picked')).toContainText('3 selected');
  await shot(page, 'selected');
  await page.locator('tr[data-href]').nth(5).locator('td').nth(2).click();
  await expect(page.locator('#picked')).toContainText('4 selected');
  await page.keyboard.press('Escape');
  await expect(page.locator('#picked')).toBeHidden();
});

test('filters narrow the list without leaving it, and the way back keeps them', async ({ page }) => {
  await page.getByLabel('Guest').check();
  await page.waitForURL(/status=guest/);
  await expect(page.locator('.list-chips')).toContainText('Guest');
  await page.reload();
  await expect(page.getByLabel('Guest')).toBeChecked();
  await page.locator('a.list-link').first().click();
  await page.getByRole('link', { name: 'Customers' }).last().click();
  await page.waitForURL(/status=guest/);
});

test('the form keeps what was typed and says what is wrong beside the field', async ({ page }) => {
  await page.goto(address('/customers/new'));
  await page.getByLabel('First name').fill('Anna');
  await page.getByLabel('E-mail address').fill('not an address');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const email = page.getByLabel('E-mail address');
  await expect(email).toHaveValue('not an address');
  await expect(email).toHaveAttribute('aria-invalid', 'true');
  await expect(page.locator('#f-email-error')).toContainText('not an e-mail address');
  await expect(page.getByLabel('First name')).toHaveValue('Anna');
  await expectAccessible(page);
  await shot(page, 'form-refused');
});

test('unsaved changes are said and Ctrl+S saves them', async ({ page }) => {
  const customer = await addCustomer(page, 'Bewaard');
  await page.goto(`${customer}/edit`);
  await page.getByLabel('Company', { exact: true }).fill('Bewaard BV');
  await expect(page.getByText('Unsaved changes')).toBeVisible();
  await page.keyboard.press('Control+s');
  await expect(page.getByRole('status').filter({ hasText: 'Customer saved' })).toBeVisible();
  await expect(page.getByLabel('Company', { exact: true })).toHaveValue('Bewaard BV');
});

test('two people save the same field: the second one chooses', async ({ page, browser }) => {
  const customer = await addCustomer(page, 'Conflict');
  const other = await (await browser.newContext()).newPage();
  await signIn(other, 'manager');
  await page.goto(`${customer}/edit`);
  await other.goto(`${customer}/edit`);

  await page.getByLabel('First name').fill('Mine');
  await page.getByLabel('Company', { exact: true }).fill('Mine BV');

  await other.getByLabel('First name').fill('Theirs');
  await other.getByLabel('Title').fill('Dr');
  await other.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(other.getByRole('status').filter({ hasText: 'Customer saved' })).toBeVisible();

  await expect(page.locator('#live-line')).toContainText('changed this customer meanwhile');
  await expect(page.getByLabel('First name')).toHaveValue('Mine');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Theirs');
  await expect(dialog).toContainText('Mine');
  await expect(dialog).not.toContainText('Mine BV');
  await expectAccessible(page);
  await shot(page, 'conflict');
  await dialog.getByText('Mine', { exact: true }).click();
  await dialog.getByRole('button', { name: 'Save what is chosen' }).click();

  await expect(page.getByLabel('First name')).toHaveValue('Mine');
  await expect(page.getByLabel('Title')).toHaveValue('Dr');
  await expect(page.getByLabel('Company', { exact: true })).toHaveValue('Mine BV');
  await other.context().close();
});

test('an e-mail address is added in place; Escape discards', async ({ page }) => {
  const customer = await addCustomer(page, 'Adres');
  await page.goto(`${customer}/contacts`);
  await page.getByRole('link', { name: 'Add an e-mail address' }).click();
  await page.keyboard.type('half');
  await page.keyboard.press('Escape');
  await expect(page.locator('#add-emails')).toBeHidden();
  await page.getByRole('link', { name: 'Add an e-mail address' }).click();
  await page.keyboard.type('test.adres@shop.example');
  await page.keyboard.press('Enter');
  await expect(page.locator('#emails')).toContainText('test.adres@shop.example');
});

test('history shows who changed what, by field', async ({ page }) => {
  const customer = await addCustomer(page, 'Verleden');
  await page.goto(`${customer}/edit`);
  await page.getByLabel('VAT number').fill('NL123456789B01');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Customer saved' })).toBeVisible();
  await page.goto(`${customer}/history`);
  await expect(page.locator('.trail')).toContainText('NL123456789B01');
  await page.getByLabel('Field').selectOption('last_name');
  await expect(page.locator('.trail')).not.toContainText('NL123456789B01');
  await expect(page.locator('.trail')).toContainText('Verleden');
});

test('deactivating can be undone from the toast', async ({ page }) => {
  await addCustomer(page, 'Rust');
  await page.locator('.record-acts summary').click();
  await page.getByRole('button', { name: 'Deactivate' }).click();
  await expect(page.locator('.record-name')).toContainText('Inactive');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.locator('.record-name')).toContainText('Active');
});

test('deleting asks for Yes, and the bin gives the customer back', async ({ page }) => {
  const customer = await addCustomer(page, 'Weg');
  await page.goto(`${customer}/delete`);
  await page.getByRole('button', { name: 'Yes, delete' }).click();
  await page.waitForURL(/\/customers(\?|$)/);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Test Weg');
});

test('signing out ends the session', async ({ page }) => {
  await page.context().clearCookies();
  await signIn(page, 'reader', { isFresh: true });
  await page.locator('summary[aria-label$="Your account"]').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in');
  await page.goto(address('/customers'));
  await page.waitForURL(/sign-in\?next=/);
});
