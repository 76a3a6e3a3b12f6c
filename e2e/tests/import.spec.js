// A file goes in: upload, columns with a guess, check, result.
import { writeFile } from 'node:fs/promises';
import { expect, expectAccessible, address, shot, signIn, test } from '../support/shop.js';

const FILE = [
  'Klantnummer;Voornaam;Achternaam;E-mailadres;Telefoon;Plaats',
  ';Invoer;Eén;invoer.een@shop.example;020-1234567;Gent',
  ';Invoer;Twee;invoer.twee@shop.example;;Breda',
  ';Invoer;Drie;dit is geen adres;;Delft',
].join('\r\n');

test('good rows come in, the bad one is reported and comes back as a file', async ({ page }, info) => {
  const file = info.outputPath('klanten.csv');
  await writeFile(file, FILE);
  await signIn(page);
  await page.goto(address('/imports/new'));
  await page.locator('input[type=file]').setInputFiles(file);
  await expect(page.getByText('klanten.csv')).toBeVisible();
  await page.getByRole('button', { name: 'Upload and look' }).click();
  await expect(page.getByLabel('Read Achternaam as')).toHaveValue('last_name');
  await expectAccessible(page);
  await shot(page, 'import-columns');

  await page.getByRole('button', { name: 'Check the file' }).click();
  await expect(page.getByText('Checked')).toBeVisible();
  await expect(page.locator('.figures')).toContainText('2would be created');
  await expect(page.getByText('not an e-mail address')).toBeVisible();
  await expectAccessible(page);
  await shot(page, 'import-checked');

  await page.getByRole('button', { name: 'Import 2 rows' }).click();
  await expect(page.getByText('Done')).toBeVisible();
  await shot(page, 'import-done');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download to mend' }).click();
  expect((await download).suggestedFilename()).toBe('failed-rows.csv');

  await page.goto(address('/customers?q=invoer'));
  await expect(page.locator('tr[data-href]')).toHaveCount(2);
});
