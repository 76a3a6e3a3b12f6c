// Views, both layouts with every gesture and its keys, bulk actions, live pages and the palette.
import { addCustomer, address, expect, expectAccessible, shot, signIn, test } from '../support/shop.js';

test.beforeEach(async ({ page }) => signIn(page));

const rows = (page) => page.locator('table[data-list] tbody tr');
const selected = (page) => page.locator('tr.is-selected');
const picked = (page) => page.locator('[data-picked-count]');

async function setLayout(page, layout) {
  await page.goto(address('/customers'));
  const isWorkspace = (await page.locator('table[data-list="workspace"]').count()) > 0;
  if (isWorkspace !== (layout === 'workspace')) {
    await page.keyboard.press('w');
    await expect(page.locator('table[data-list="workspace"]')).toHaveCount(layout === 'workspace' ? 1 : 0);
  }
}

test('a filter is saved as a view, counted, changed and reset', async ({ page }) => {
  await setLayout(page, 'table');
  await page.getByLabel('Lead', { exact: true }).check();
  await page.getByRole('button', { name: 'Save as view' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Leads to call');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save view' }).click();
  const tab = page.locator('#views').getByRole('link', { name: /Leads to call/ });
  await expect(tab).toHaveAttribute('aria-current', 'page');
  await expect(tab.locator('.count')).toHaveText(/^\d+$/);
  await page.getByLabel('Guest', { exact: true }).check();
  await expect(page.getByRole('button', { name: 'Save the view' })).toBeVisible();
  await page.getByRole('link', { name: 'Reset' }).click();
  await expect(page.getByRole('button', { name: 'Save the view' })).toHaveCount(0);
  await rows(page).first().hover();
  await rows(page).first().getByRole('link', { name: /^Why is/ }).click();
  await expect(page.locator('#explanation')).toContainText('is in this view');
  await expectAccessible(page);
});

test('the table: click, Shift, Space, Ctrl+A, Escape, double click, Enter', async ({ page }) => {
  await setLayout(page, 'table');
  const cell = (n) => rows(page).nth(n).locator('td').nth(2);
  await cell(0).click();
  await expect(selected(page)).toHaveCount(1);
  await cell(3).click({ modifiers: ['Shift'] });
  await expect(selected(page)).toHaveCount(4);
  await page.keyboard.press('Escape');
  await expect(selected(page)).toHaveCount(0);
  await page.keyboard.press('j');
  await page.keyboard.press(' ');
  await page.keyboard.press('Shift+ArrowDown');
  await expect(selected(page)).toHaveCount(2);
  await page.keyboard.press('Control+a');
  await expect(selected(page)).toHaveCount(50);
  await expect(picked(page)).toHaveText('50');
  await page.keyboard.press('Control+a');
  await expect(picked(page)).toHaveText(/^[1-9]\d{2,}|1,\d{3}$/);
  await page.keyboard.press('Escape');
  await cell(1).dblclick();
  await page.waitForURL(/customers\/[0-9a-f-]{36}$/);
  await page.goBack();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL(/customers\/[0-9a-f-]{36}$/);
});

test('the workspace: a row fills the panes, a double click or Enter opens', async ({ page }) => {
  await setLayout(page, 'workspace');
  const [details, orders] = [page.locator('[data-pane="details"]'), page.locator('[data-pane="orders"]')];
  await expect(details).toContainText('Select a customer');
  await expect(orders).toContainText('Select a customer');
  const name = await rows(page).nth(1).locator('.list-link').innerText();
  await rows(page).nth(1).locator('.list-link').click();
  await expect(details).toContainText(name);
  await expect(orders).toContainText(name);
  await page.keyboard.press('ArrowDown');
  await expect(details).toContainText(await rows(page).nth(2).locator('.list-link').innerText());
  await shot(page, 'workspace-wide');
  await expectAccessible(page);
  await page.keyboard.press('Enter');
  await page.waitForURL(/customers\/[0-9a-f-]{36}$/);
  await page.goBack();
  await rows(page).nth(3).dblclick();
  await page.waitForURL(/customers\/[0-9a-f-]{36}$/);
  await setLayout(page, 'table');
});

test('a bulk action is previewed, carried out and undone', async ({ page }) => {
  await addCustomer(page, 'Bulkproef');
  await page.goto(address('/customers?name=Bulkproef'));
  await page.keyboard.press('Control+a');
  await page.locator('#picked summary').click();
  await page.getByRole('button', { name: 'Set the language…' }).click();
  await page.locator('dialog[open] select').selectOption('fr');
  await expectAccessible(page);
  await page.locator('dialog[open]').getByRole('button', { name: 'Preview' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Set the language to fr');
  await expect(page.locator('#bulk')).toContainText('French');
  await expectAccessible(page);
  await shot(page, 'bulk-preview');
  await page.getByRole('button', { name: 'Change one customer' }).click();
  await page.getByRole('button', { name: 'Undo for one customer' }).click();
  await expect(page.locator('#bulk')).toContainText('Changed back');
  await shot(page, 'bulk-undone');
});

test('what one person changes shows on the other\'s list and page within two seconds', async ({ page, browser }) => {
  const customer = await addCustomer(page, 'Levend');
  const other = await (await browser.newContext()).newPage();
  await signIn(other, 'manager');
  await other.goto(address('/customers?name=Levend'));
  await page.goto(`${customer}/edit`);
  await page.getByLabel('Company', { exact: true }).fill('Levend BV');
  await page.keyboard.press('Control+s');
  await expect(other.locator('table[data-list]')).toContainText('Levend BV', { timeout: 2500 });
  await other.goto(customer);
  await page.getByLabel('Title').fill('Prof');
  await page.keyboard.press('Control+s');
  await expect(other.locator('#record')).toContainText('Prof', { timeout: 2500 });
  await other.context().close();
});

test('the palette goes to pages by their first letters and to the customers opened last', async ({ page }) => {
  const customer = await addCustomer(page, 'Palet');
  await page.goto(customer);
  await page.keyboard.press('Control+k');
  await expect(page.locator('#search-results')).toContainText('Test Palet');
  await page.keyboard.type('cs');
  await expect(page.locator('#search-results [role="option"]').first()).toContainText('Customer settings');
  await expectAccessible(page);
  await shot(page, 'palette');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/settings/customers');
});

test('a deleted customer is found in the bin and comes back', async ({ page }) => {
  const customer = await addCustomer(page, 'Prullenbak');
  await page.goto(`${customer}/delete`);
  await page.getByRole('button', { name: 'Yes, delete' }).click();
  await page.goto(address('/customers/bin?q=Prullenbak'));
  await expectAccessible(page);
  await page.locator('tbody').getByRole('button', { name: 'Restore' }).first().click();
  await page.goto(customer);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Test Prullenbak');
});

test('the workspace shows every usual column whole in smaller windows', async ({ page }) => {
  await setLayout(page, 'workspace');
  for (const width of [1280, 1400]) {
    await page.setViewportSize({ width, height: 800 });
    await page.goto(address('/customers?activity=all&status=pending_approval'));
    const state = rows(page).first().locator('td', { hasText: 'Pending approval' });
    await expect(state).toBeVisible();
    expect(await state.evaluate((cell) => cell.scrollWidth - cell.clientWidth)).toBeLessThanOrEqual(0);
    const hidden = await page.locator('.list-wrap').evaluate((frame) => frame.scrollWidth - frame.clientWidth);
    expect(hidden, `at ${width}`).toBeLessThanOrEqual(0);
    await shot(page, `workspace-${width}`);
  }
  await setLayout(page, 'table');
});
