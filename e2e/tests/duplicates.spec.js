// Likely duplicates: the scan, the queue, a pair by keys and buttons, decisions taken back, a threshold tried.
import { address, expect, expectAccessible, shot, signIn, test } from '../support/shop.js';

test.beforeEach(async ({ page }) => signIn(page));

async function scanned(page) {
  await page.goto(address('/duplicates'));
  await page.getByRole('button', { name: /Look through/ }).click();
  await expect(page.getByText(/Looked through/)).toBeVisible({ timeout: 30_000 });
}

/** Two records of one person, made by this test. */
async function twins(page, name) {
  const made = [];
  for (const first of ['Johanna', 'Johanna']) {
    await page.goto(address('/customers/new?form=quick'));
    await page.locator('input[name="first_name"]').fill(first);
    await page.locator('input[name="last_name"]').fill(name);
    await page.locator('input[name="email"]').fill(`zonnebloem.${name.toLowerCase()}@post.example`);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.waitForURL(/customers\/[0-9a-f-]{36}$/);
    made.push(page.url().match(/[0-9a-f-]{36}/)[0]);
  }
  return made;
}

for (const [look, width, height] of [['wide', 1280, 800], ['narrow', 390, 844]]) {
  test(`the queue, a pair and the threshold, ${look}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await twins(page, `Tweeling${look}`);
    await scanned(page);
    await expectAccessible(page);
    await shot(page, `duplicates-queue-${look}`);
    await page.getByRole('link', { name: /Begin with the surest/ }).click();
    await expect(page.getByRole('heading', { name: 'One customer or two?' })).toBeVisible();
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await page.screenshot({ path: `output/duplicates-pair-${look}.png`, fullPage: true });
    await page.goto(address('/duplicates/threshold?threshold=95'));
    await expect(page.getByRole('heading', { name: 'At 95 %' })).toBeVisible();
    await expectAccessible(page);
    await shot(page, `duplicates-threshold-${look}`);
  });
}

test('a pair is decided by keys, taken back by the toast, and merged into the next one', async ({ page }) => {
  const [one, other] = await twins(page, 'Toetsenbord');
  await page.goto(address(`/duplicates/${one}/${other}`));
  await page.keyboard.press('d');
  await expect(page.getByRole('status').filter({ hasText: 'not the same customer' })).toBeVisible();
  await page.locator('#toasts').getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'The pair is open again' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'One customer or two?' })).toBeVisible();
  const kept = await page.locator('input[name="survivor"]').inputValue();
  await page.keyboard.press('s');
  await expect(page.locator('input[name="survivor"]')).not.toHaveValue(kept);
  await page.keyboard.press('?');
  await expect(page.getByText('Duplicates: the next or the previous pair')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('m');
  await expect(page.getByRole('status').filter({ hasText: '2 records are one customer now' })).toBeVisible();
  expect(new URL(page.url()).pathname).toMatch(/^\/duplicates/);
});

test('the next and the previous pair by keys', async ({ page }) => {
  await twins(page, 'Vooreen');
  await twins(page, 'Achtereen');
  await page.goto(address('/duplicates'));
  await page.keyboard.press('j');
  await expect(page.getByRole('heading', { name: 'One customer or two?' })).toBeVisible();
  const first = page.url();
  await page.keyboard.press('ArrowRight');
  await expect(page).not.toHaveURL(first);
  await page.keyboard.press('k');
  await expect(page).toHaveURL(first);
});

test('a customer page says who it may be, and stops saying so', async ({ page }) => {
  const [one] = await twins(page, 'Klantpagina');
  await page.goto(address(`/customers/${one}/duplicates`));
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Same household' }).click();
  await expect(page.getByRole('heading', { name: /Same household/ })).toBeVisible();
  await expectAccessible(page);
  await shot(page, 'duplicates-household');
  await page.getByRole('button', { name: 'Take back' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'The pair is open again' })).toBeVisible();
});

test('long names stand beside each other on a phone, and the weights are whole', async ({ page }) => {
  const [one, other] = await twins(page, 'Uit-den-Bogaardsveldhuizen');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(address(`/duplicates/${one}/${other}`));
  const overflows = (selector) => page.locator(selector).evaluateAll((cells) => cells
    .filter((cell) => cell.scrollWidth > cell.clientWidth)
    .map((cell) => cell.textContent));
  expect(await overflows('.pair-table thead th:not(:first-child)')).toEqual([]);
  expect(await overflows('.waterfall .num')).toEqual([]);
  await expectAccessible(page);
});
