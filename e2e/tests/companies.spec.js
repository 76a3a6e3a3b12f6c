// Companies with members and roles, groups with members, and accounts that belong to another.
import { addCustomer, address, expect, expectAccessible, shot, signIn, test } from '../support/shop.js';

test.beforeEach(async ({ page }) => signIn(page));

const saved = (page) => expect(page.getByRole('status').filter({ hasText: 'Customer saved' })).toBeVisible();

const numberOf = async (page, url) => {
  await page.goto(url);
  return (await page.locator('main').innerText()).match(/\b[A-Z]-?\d{3,}\b/)[0];
};

test('a company takes a member with a role, changes it and lets them go', async ({ page }) => {
  const number = await numberOf(page, await addCustomer(page, 'Companymember'));
  await page.goto(address('/companies/new'));
  await page.locator('#f-name').fill('Board & Sons');
  await page.getByRole('button', { name: 'Save company' }).click();
  await page.waitForURL(/companies\/[0-9a-f-]{36}$/);
  await expect(page.getByText('Nobody belongs to this company yet')).toBeVisible();
  await expectAccessible(page);

  await page.getByLabel('Number or e-mail address').fill('nobody@nowhere.example');
  await page.getByRole('button', { name: 'Attach' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.getByLabel('Number or e-mail address')).toHaveValue('nobody@nowhere.example');
  await page.getByLabel('Number or e-mail address').fill(number);
  await page.getByLabel('Role in the company').selectOption({ label: 'Buyer' });
  await page.getByRole('button', { name: 'Attach' }).click();
  await expect(page.locator('.items .chip-accent')).toHaveText('Buyer');
  await page.getByLabel('Role of Test Companymember').selectOption({ label: 'Accountant' });
  await page.locator('.row-acts').getByRole('button', { name: 'Save' }).click();
  await expect(page.locator('.items .chip-accent')).toHaveText('Accountant');
  await shot(page, 'company-members');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Remove Test Companymember' }).click();
  await expect(page.getByText('Nobody belongs to this company yet')).toBeVisible();
});

test('a group takes a customer and gives them back', async ({ page }) => {
  const number = await numberOf(page, await addCustomer(page, 'Groupmember'));
  await page.goto(address('/settings/groups/new'));
  await page.locator('#f-name').fill('Early birds');
  await page.getByRole('button', { name: 'Save group' }).click();
  await page.waitForURL(/\/settings\/groups$|\/groups\/[0-9a-f-]{36}$/);
  await page.goto(address('/settings/groups'));
  const row = page.getByRole('listitem').filter({ hasText: 'Early birds' }).or(page.locator('tr', { hasText: 'Early birds' }));
  const id = (await row.first().getByRole('link').first().getAttribute('href')).match(/[0-9a-f-]{36}/)[0];
  await page.goto(address(`/groups/${id}`));
  await expect(page.getByText('Nobody is in this group yet')).toBeVisible();
  await page.getByLabel('Number or e-mail address').fill(number);
  await page.getByRole('button', { name: 'Add to group' }).click();
  await expect(page.getByRole('link', { name: 'Test Groupmember' })).toBeVisible();
  await shot(page, 'group-members');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Remove Test Groupmember' }).click();
  await expect(page.getByText('Nobody is in this group yet')).toBeVisible();
});

test('sub-accounts are shown as a tree, never in a ring, and move together', async ({ page }) => {
  const parent = await addCustomer(page, 'Mainaccount');
  const parentNumber = await numberOf(page, parent);
  const child = await addCustomer(page, 'Subaccount');
  const childNumber = await numberOf(page, child);
  const setOwner = async (of, owner) => {
    await page.goto(`${of}/edit#f-owner`);
    await page.locator('#f-owner').fill(owner);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
  };
  await setOwner(child, parentNumber);
  await saved(page);
  await page.goto(`${parent}/sub-accounts`);
  await expect(page.getByRole('link', { name: 'Test Subaccount' })).toBeVisible();
  await expectAccessible(page);
  await setOwner(parent, childNumber);
  await expect(page.locator('#f-owner')).toHaveAttribute('aria-invalid', 'true');

  await page.goto(`${parent}/sub-accounts`);
  await page.getByRole('button', { name: 'Give another parent' }).click();
  await expect(page.getByText('This account stands on its own')).toBeVisible();
});
