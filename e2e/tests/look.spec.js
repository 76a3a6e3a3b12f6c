// Every page at both widths: nothing sticks out, axe finds nothing, and a screenshot is kept.
import { address, expect, expectAccessible, shot, signIn, test } from '../support/shop.js';

const PAGES = {
  dashboard: '/dashboard',
  charts: '/customers/charts?status=lead',
  views: '/customers/views',
  bin: '/customers/bin',
  'bulk-actions': '/bulk',
  customers: '/customers',
  'customers-none': '/customers?q=qqqqzzzz',
  'customer-new': '/customers/new',
  'customer-register': '/customers/new?form=register',
  'customer-quick': '/customers/new?form=quick',
  companies: '/companies',
  'company-new': '/companies/new',
  imports: '/imports',
  'import-new': '/imports/new',
  activity: '/activity',
  staff: '/settings/staff',
  'staff-new': '/settings/staff/new',
  roles: '/settings/roles',
  jobs: '/settings/jobs',
  groups: '/settings/groups',
  'group-new': '/settings/groups/new',
  channels: '/settings/channels',
  'channel-new': '/settings/channels/new',
  lists: '/settings/lists',
  'customer-settings': '/settings/customers',
  profile: '/profile',
  'second-factor': '/profile/second-factor',
  sessions: '/profile/sessions',
  tokens: '/profile/tokens',
  about: '/about',
  'not-found': '/nothing-is-here',
};
const OF_A_CUSTOMER = ['', '/contacts', '/groups', '/sub-accounts', '/history', '/edit', '/addresses/new', '/delete'];
const WIDTHS = { wide: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

async function look(page, name, path) {
  await page.goto(address(path));
  const widest = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(widest, `${name} sticks out`).toBeLessThanOrEqual(0);
  await shot(page, name);
  await expectAccessible(page);
}

for (const [width, viewport] of Object.entries(WIDTHS)) {
  test.describe(width, () => {
    test.use({ viewport });

    test('sign-in', async ({ page }) => {
      await look(page, `sign-in-${width}`, '/sign-in');
    });

    for (const [name, path] of Object.entries(PAGES)) {
      test(name, async ({ page }) => {
        await signIn(page);
        await look(page, `${name}-${width}`, path);
      });
    }

    test('a customer with all topics', async ({ page }) => {
      await signIn(page);
      const first = await page.locator('tr[data-href]').nth(2).getAttribute('data-href');
      for (const topic of OF_A_CUSTOMER) await look(page, `customer${topic.replaceAll('/', '-')}-${width}`, first + topic);
    });

    test('dark', async ({ page }) => {
      await page.emulateMedia({ colorScheme: 'dark' });
      await signIn(page);
      await look(page, `customers-dark-${width}`, '/customers');
      const first = await page.locator('tr[data-href]').first().getAttribute('data-href');
      await look(page, `customer-dark-${width}`, `${first}/contacts`);
    });
  });
}
