// Merging: from the list, from the open customer and from the menu; the survivor by click, key and drag; undone on screen.
import { addCustomer, address, expect, expectAccessible, shot, signIn, test } from '../support/shop.js';

test.beforeEach(async ({ page }) => signIn(page));

async function withField(page, customer, label, value) {
  await page.goto(`${customer}/edit`);
  await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Customer saved' })).toBeVisible();
}

const idOf = (url) => url.match(/[0-9a-f-]{36}/)[0];

test('two records from the list become one, and two again', async ({ page }) => {
  const bob = await addCustomer(page, 'Mergejones');
  const robert = await addCustomer(page, 'Mergejones');
  await withField(page, robert, 'Title', 'Dr');
  await page.goto(address('/customers?q=mergejones'));
  await expect(page.locator('table[data-list] tbody tr')).toHaveCount(2);
  await page.getByLabel('Select all on this page').check();
  await page.locator('#picked').getByRole('button', { name: 'Merge' }).click();
  await page.waitForURL(/\/merge\?/);
  await expect(page.getByRole('row', { name: /Title/ })).toContainText('Dr');
  await expectAccessible(page);
  await shot(page, 'merge-wide');

  // The other one survives: by its radio, then the first again by dragging.
  const heads = page.locator('[data-merge-card]');
  const number = (head) => heads.nth(head).locator('.faint').first();
  const other = await number(1).innerText();
  // Not check(): it would look at the radio again, which belongs to the other record by then.
  await heads.nth(1).getByRole('radio').click();
  await expect(number(0)).toHaveText(other);
  await expect(heads.nth(0)).toContainText('Survives');
  const name = await number(1).innerText();
  await heads.nth(1).dragTo(heads.nth(0));
  await expect(number(0)).toHaveText(name);
  await page.getByRole('button', { name: 'Merge 2 records' }).click();
  await expect(page.getByRole('status').filter({ hasText: '2 records are one customer now' })).toBeVisible();
  await expect(page.locator('main')).toContainText('Dr');
  await page.getByRole('link', { name: /^Merges/ }).click();
  await page.locator('.items').getByRole('link', { name: /Mergejones/ }).click();
  await expectAccessible(page);
  await shot(page, 'merge-show');
  await page.getByRole('button', { name: 'Undo the merge' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'separate again' })).toBeVisible();
  for (const url of [bob, robert]) {
    await page.goto(url);
    expect(page.url()).toBe(url);
  }
});

test('from the open customer, which is the survivor; an old address leads on', async ({ page }) => {
  const kept = await addCustomer(page, 'Keptrecord');
  const gone = await addCustomer(page, 'Gonerecord');
  await page.goto(gone);
  const number = await page.locator('.num-id').innerText();
  await page.goto(kept);
  await page.locator('.record-acts summary').click();
  await page.getByRole('link', { name: 'Merge another record into this one' }).click();
  await page.getByLabel('Find the other customer').fill('C-0');
  await page.getByRole('button', { name: 'Add record' }).click();
  await expect(page.locator('#add-error')).toContainText('No customer fits this');
  await page.getByLabel('Find the other customer').fill(number);
  await page.keyboard.press('Enter');
  await expect(page.locator('[data-merge-survivor]')).toContainText('Keptrecord');
  await expect(page.locator('[data-merge-card]')).toHaveCount(2);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  await shot(page, 'merge-phone');
  await expectAccessible(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole('button', { name: 'Merge 2 records' }).click();
  await page.waitForURL(kept);
  await page.goto(`${gone}/contacts`);
  expect(idOf(page.url())).toBe(idOf(kept));
  await page.goto(address(`/customers?q=${number}`));
  await expect(page.locator('table[data-list] tbody tr')).toContainText(['Keptrecord']);
});

test('the workspace from the menu is empty and says what to do', async ({ page }) => {
  await page.goto(address('/merge'));
  await expect(page.getByText('Which records are the same customer?')).toBeVisible();
  await expectAccessible(page);
});

test('a form tells of a likely duplicate before it is saved; the topic explains and merges', async ({ page }) => {
  const known = await addCustomer(page, 'Twicethere');
  await withField(page, known, 'E-mail address', 'twice@there.example');
  await page.goto(address('/customers/new'));
  await page.getByLabel('First name').fill('Test');
  await page.getByLabel('Last name').fill('Twicethere');
  await page.getByLabel('E-mail address').fill('twice@there.example');
  await page.locator('#f-phone').fill('020 555 66 77');
  await page.keyboard.press('Tab');
  const hint = page.locator('.form-hint');
  await expect(hint).toContainText('This may be somebody you have already');
  await expectAccessible(page);
  await shot(page, 'duplicate-hint');
  // What was typed is not lost unasked.
  let asked = 0;
  page.on('dialog', async (dialog) => { asked += 1; await dialog.dismiss(); });
  await page.getByRole('link', { name: 'Use this one' }).click();
  await expect.poll(() => asked).toBe(1);
  await expect(page.locator('#f-phone')).toHaveValue('020 555 66 77');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.waitForURL(/customers\/[0-9a-f-]{36}$/);
  await page.getByRole('navigation', { name: 'Topics' }).getByRole('link', { name: /^Duplicates/ }).click();
  await page.getByText('Why', { exact: true }).click();
  await expect(page.locator('.reasons')).toContainText('E-mail address');
  await expectAccessible(page);
  await shot(page, 'duplicates');
  await page.locator('.likely-acts').getByRole('link', { name: 'Merge' }).click();
  await expect(page.getByRole('button', { name: 'Merge 2 records' })).toBeVisible();
});

test('the workspace finds the other record by name; a field has its own policy; a choice keeps the focus', async ({ page }) => {
  const first = await addCustomer(page, 'Findable');
  const second = await addCustomer(page, 'Findable');
  await withField(page, second, 'Title', 'Prof');
  await withField(page, first, 'Title', 'Dr');
  await page.goto(address(`/merge?ids=${idOf(first)}`));
  const box = page.getByLabel('Find the other customer');
  await box.fill('findabel');
  const hits = page.locator('#merge-hits [role="option"]');
  await expect(hits.filter({ hasText: 'Findable' })).toHaveCount(1);
  await expectAccessible(page);
  await shot(page, 'merge-find');
  await box.press('Enter');
  await expect(page.locator('[data-merge-card]')).toHaveCount(2);
  const policy = page.getByLabel('Where Title comes from');
  await policy.focus();
  await policy.selectOption('most_complete');
  const row = page.getByRole('row', { name: /Title/ });
  await expect(row.getByRole('radio').nth(1)).toBeChecked();
  await expect(policy).toBeFocused();
  await row.getByRole('radio').nth(0).check();
  await expect(policy).toHaveValue('');
  await expect(row.getByRole('radio').nth(0)).toBeFocused();
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  await expectAccessible(page);
  await shot(page, 'merge-phone-values');
});

test('more than twenty records, or one that is not there, are said and nothing is lost', async ({ page }) => {
  const first = await addCustomer(page, 'Stillhere');
  const second = await addCustomer(page, 'Stillhere');
  await page.goto(address(`/merge?ids=${idOf(first)}&ids=${idOf(second)}&ids=018f0000-0000-7000-8000-000000000000`));
  await expect(page.getByRole('alert')).toContainText('One of these records does not exist');
  await expect(page.locator('[data-merge-card]')).toHaveCount(2);
});

test('twelve records scroll in their own frame, the survivor and the field names stay in sight', async ({ page }) => {
  const ids = [];
  for (let n = 0; n < 12; n += 1) ids.push(idOf(await addCustomer(page, `Dozen with quite a long last name ${n}`)));
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(address(`/merge?${ids.map((id) => `ids=${id}`).join('&')}&survivor=${ids[4]}`));
  await expect(page.locator('[data-merge-card]')).toHaveCount(12);
  const tooWide = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(await tooWide()).toBeLessThanOrEqual(0);
  const frame = page.locator('.list-wrap:has(> .merge)');
  const left = async (locator) => (await locator.boundingBox()).x;
  const name = page.getByRole('rowheader', { name: 'Last name' });
  const survivor = page.locator('[data-merge-survivor]');
  const [nameAt, survivorAt] = [await left(name), await left(survivor)];
  await frame.evaluate((element) => { element.scrollLeft = element.scrollWidth; });
  const last = page.locator('[data-merge-card]').last();
  await expect(last).toBeInViewport();
  expect([await left(name), await left(survivor)]).toEqual([nameAt, survivorAt]);
  expect((await left(last))).toBeGreaterThan(survivorAt + 150);
  await expectAccessible(page);
  await shot(page, 'merge-twelve');
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await tooWide()).toBeLessThanOrEqual(0);
  await shot(page, 'merge-twelve-phone');
});

test('a decision against the merge is said above it', async ({ page }) => {
  const one = idOf(await addCustomer(page, 'Notthesame'));
  const other = idOf(await addCustomer(page, 'Notthesame'));
  await page.goto(address(`/duplicates/${one}/${other}`));
  await page.keyboard.press('d');
  await expect(page.getByRole('status').filter({ hasText: 'not the same customer' })).toBeVisible();
  await page.goto(address(`/merge?ids=${one}&ids=${other}&survivor=${one}`));
  await expect(page.locator('.note-warn')).toContainText('were found not to be the same customer');
  await expectAccessible(page);
  await shot(page, 'merge-warned');
  await page.getByRole('link', { name: 'Compare the two' }).click();
  await expect(page.getByRole('heading', { name: 'One customer or two?' })).toBeVisible();
});

/** Holds back the previews of the workspace until told to let them go. */
async function heldPreviews(page) {
  const held = [];
  let isOpen = false;
  await page.route(/\/merge\?/, (route) => {
    if (isOpen || !route.request().headers()['hx-request']) return route.continue();
    held.push(route);
    return undefined;
  });
  const letGo = async () => { isOpen = true; await held.shift().continue(); };
  const holdBack = () => { isOpen = false; };
  return { held, letGo, holdBack };
}

test('a press on Merge waits for the preview of what was chosen just before', async ({ page }) => {
  const first = await addCustomer(page, 'Slowpreview');
  const second = await addCustomer(page, 'Slowpreview');
  await withField(page, first, 'Title', 'Dr');
  await withField(page, second, 'Title', 'Prof');
  await page.goto(address(`/merge?ids=${idOf(first)}&ids=${idOf(second)}&survivor=${idOf(first)}`));
  const { held, letGo, holdBack } = await heldPreviews(page);
  const title = page.getByRole('row', { name: /Title/ }).getByRole('radio');
  const merge = page.getByRole('button', { name: 'Merge 2 records' });

  // The button is pressed down before the preview comes and let go after it: it is still the same button.
  await title.nth(1).check();
  await expect.poll(() => held.length).toBe(1);
  await merge.hover();
  await page.mouse.down();
  const arrived = page.waitForResponse((response) => response.url().includes('/merge?'));
  await letGo();
  await arrived;
  await expect(page.locator('#merge.htmx-added, #merge.htmx-settling')).toHaveCount(0);
  await page.mouse.up();
  await page.waitForURL(first);
  await expect(page.locator('main')).toContainText('Prof');
  await page.locator('#toasts').getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'separate again' })).toBeVisible();

  holdBack();
  // Pressed while the preview is on its way: it waits, and merges what was chosen, both choices.
  await page.goto(address(`/merge?ids=${idOf(first)}&ids=${idOf(second)}&survivor=${idOf(first)}`));
  await title.nth(1).click();
  await expect.poll(() => held.length).toBe(1);
  await page.locator('[data-merge-card]').nth(1).getByRole('radio').click();
  await merge.click();
  await expect(merge).toHaveAttribute('aria-busy');
  expect(new URL(page.url()).pathname).toBe('/merge');
  await letGo();
  await page.waitForURL(second);
  await expect(page.locator('main')).toContainText('Prof');
});

test('Enter on a choice leaves no record out', async ({ page }) => {
  const first = await addCustomer(page, 'Enterkey');
  const second = await addCustomer(page, 'Enterkey');
  await withField(page, second, 'Title', 'Dr');
  await page.goto(address(`/merge?ids=${idOf(first)}&ids=${idOf(second)}&survivor=${idOf(first)}`));
  await page.getByRole('button', { name: /^Leave out/ }).nth(1).click();
  await expect(page.getByText('Add at least one more record.')).toBeVisible();
  await page.goBack();
  await expect(page.locator('[data-merge-card]')).toHaveCount(2);
  await page.getByRole('row', { name: /Title/ }).getByRole('radio').nth(1).press('Enter');
  await page.waitForURL(first);
});

test('whose the rows are that came after a merge is asked beside them, at every width', async ({ page }) => {
  const kept = await addCustomer(page, 'Afterwards');
  const gone = await addCustomer(page, 'Afterwards');
  await page.goto(address(`/merge?ids=${idOf(kept)}&ids=${idOf(gone)}&survivor=${idOf(kept)}`));
  await page.getByRole('button', { name: 'Merge 2 records' }).click();
  await page.waitForURL(kept);
  await withField(page, kept, 'E-mail address', 'afterwards@quite-a-long-name.example');
  await page.goto(`${kept}/merges`);
  await page.locator('.items').getByRole('link', { name: /Afterwards/ }).click();
  const label = page.locator('.item .line', { hasText: 'afterwards@quite-a-long-name.example' });
  const owner = page.getByLabel('afterwards@quite-a-long-name.example belongs to');
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 844 });
    const [text, choice] = [await label.boundingBox(), await owner.boundingBox()];
    expect(text.height, 'on one line').toBeLessThan(30);
    expect(await label.evaluate((line) => line.scrollWidth - line.clientWidth), 'uncovered').toBeLessThanOrEqual(0);
    expect(text.x + text.width <= choice.x || text.y + text.height <= choice.y).toBe(true);
    await expectAccessible(page);
    await shot(page, `merge-after-${width}`);
  }
  await owner.selectOption({ index: 1 });
  await page.getByRole('button', { name: 'Undo the merge' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'separate again' })).toBeVisible();
  await page.goto(`${gone}/contacts`);
  await expect(page.locator('main')).toContainText('afterwards@quite-a-long-name.example');
});
