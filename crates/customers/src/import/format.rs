//! Whose export a file is, told by its header, and what the columns of each mean.

use super::field::Field;
use super::mapping::key_of;

/// The makers of files we know by heart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Our own export.
    Clientele,
    Shopify,
    WooCommerce,
    Magento,
    /// Anything else: columns are guessed from their names.
    Generic,
}

impl Format {
    /// The format of a name on the command line; `None` for `auto` and for names we do not know.
    pub fn of_name(name: &str) -> Option<Self> {
        match name {
            "clientele" => Some(Self::Clientele),
            "shopify" => Some(Self::Shopify),
            "woocommerce" => Some(Self::WooCommerce),
            "magento" => Some(Self::Magento),
            "generic" => Some(Self::Generic),
            _ => None,
        }
    }

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Clientele => "clientele",
            Self::Shopify => "shopify",
            Self::WooCommerce => "woocommerce",
            Self::Magento => "magento",
            Self::Generic => "generic",
        }
    }

    /// The format whose marks stand in the header.
    pub fn detect(header: &[String]) -> Self {
        let keys: Vec<String> = header.iter().map(|name| key_of(name)).collect();
        let has = |wanted: &[&str]| wanted.iter().all(|key| keys.iter().any(|known| known == key));
        let has_raw = |name: &str| header.iter().any(|known| known.eq_ignore_ascii_case(name));
        if has(&["customernumber", "accountcode", "privacystate"]) {
            Self::Clientele
        } else if has(&["firstname", "lastname", "totalspent"]) && (has(&["taxexempt"]) || has(&["totalorders"])) {
            Self::Shopify
        } else if has_raw("_website") || has_raw("_address_city") || has(&["customersince", "website", "zip"]) {
            Self::Magento
        } else if has(&["userlogin", "useremail"])
            || has(&["billingaddress1", "billingcity"])
            || has(&["signup", "aov"])
        {
            Self::WooCommerce
        } else {
            Self::Generic
        }
    }

    /// What the column called `name` means in this format. `None` for columns that carry nothing we keep, and always
    /// for a generic file.
    pub fn field_of(self, name: &str) -> Option<Field> {
        if self == Self::Clientele {
            return Field::of_name(name);
        }
        let key = key_of(name);
        let column = self.columns().iter().find(|(column, _)| key_of(column) == key)?;
        Field::of_name(column.1)
    }

    fn columns(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Shopify => SHOPIFY,
            Self::WooCommerce => WOOCOMMERCE,
            Self::Magento => MAGENTO,
            Self::Clientele | Self::Generic => &[],
        }
    }
}

/// Customers > Export. The second half are the names before the columns were called `Default Address ...`.
const SHOPIFY: &[(&str, &str)] = &[
    ("Customer ID", "external_id"),
    ("First Name", "first_name"),
    ("Last Name", "last_name"),
    ("Email", "email"),
    ("Phone", "phone"),
    ("Language", "language"),
    ("Default Address Company", "company"),
    ("Default Address Address1", "address1"),
    ("Default Address Address2", "address2"),
    ("Default Address City", "town"),
    ("Default Address Province Code", "county"),
    ("Default Address Zip", "postcode"),
    ("Default Address Country Code", "country"),
    ("Default Address Phone", "phone2"),
    ("Company", "company"),
    ("Address1", "address1"),
    ("Address2", "address2"),
    ("City", "town"),
    ("Province", "county"),
    ("Zip", "postcode"),
    ("Country Code", "country"),
];

/// The exports of the usual user and customer export plugins, and of Analytics > Customers.
const WOOCOMMERCE: &[(&str, &str)] = &[
    ("customer_id", "external_id"),
    ("ID", "external_id"),
    ("user_email", "email"),
    ("email", "email"),
    ("first_name", "first_name"),
    ("last_name", "last_name"),
    ("locale", "language"),
    ("billing_first_name", "address_first_name"),
    ("billing_last_name", "address_last_name"),
    ("billing_company", "company"),
    ("billing_email", "email2"),
    ("billing_phone", "phone"),
    ("billing_address_1", "address1"),
    ("billing_address_2", "address2"),
    ("billing_postcode", "postcode"),
    ("billing_city", "town"),
    ("billing_state", "county"),
    ("billing_country", "country"),
    ("shipping_first_name", "delivery_address_first_name"),
    ("shipping_last_name", "delivery_address_last_name"),
    ("shipping_company", "delivery_address_company"),
    ("shipping_phone", "phone2"),
    ("shipping_address_1", "delivery_address1"),
    ("shipping_address_2", "delivery_address2"),
    ("shipping_postcode", "delivery_postcode"),
    ("shipping_city", "delivery_town"),
    ("shipping_state", "delivery_county"),
    ("shipping_country", "delivery_country"),
    ("Name", "full_name"),
    ("Country / Region", "country"),
    ("City", "town"),
    ("Region", "county"),
    ("Postal Code", "postcode"),
];

/// System > Export: Customers Main File, Customer Addresses, Customers and Addresses (combined); and the grid's own export.
const MAGENTO: &[(&str, &str)] = &[
    ("email", "email"),
    ("_email", "email"),
    ("prefix", "title"),
    ("firstname", "first_name"),
    ("middlename", "middle_name"),
    ("lastname", "last_name"),
    ("taxvat", "vat_number"),
    ("entity_id", "external_id"),
    ("_address_firstname", "address_first_name"),
    ("_address_lastname", "address_last_name"),
    ("_address_company", "company"),
    ("_address_street", "street"),
    ("_address_city", "town"),
    ("_address_region", "county"),
    ("_address_postcode", "postcode"),
    ("_address_country_id", "country"),
    ("_address_telephone", "phone"),
    ("_address_default_billing_", "is_billing"),
    ("_address_default_shipping_", "is_delivery"),
    ("company", "company"),
    ("street", "street"),
    ("city", "town"),
    ("region", "county"),
    ("postcode", "postcode"),
    ("country_id", "country"),
    ("telephone", "phone"),
    ("vat_id", "vat_number"),
    ("ID", "external_id"),
    ("Name", "full_name"),
    ("Phone", "phone"),
    ("ZIP", "postcode"),
    ("Country", "country"),
    ("State/Province", "county"),
    ("Group", "groups"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_names_a_field() {
        for format in [Format::Shopify, Format::WooCommerce, Format::Magento] {
            for (column, field) in format.columns() {
                assert!(Field::of_name(field).is_some(), "{column} -> {field}");
                assert!(format.field_of(column).is_some(), "{column}");
            }
            assert_eq!(Format::of_name(format.name()), Some(format));
        }
        assert_eq!(Format::of_name("auto"), None);
    }

    #[test]
    fn knows_a_file_by_its_header() {
        let cases: [(&str, Format); 9] = [
            (
                "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address Address1,\
              Default Address City,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,Tags",
                Format::Shopify,
            ),
            (
                "First Name,Last Name,Email,Accepts Marketing,Company,Address1,City,Zip,Phone,Total Spent,Total Orders,Tags,\
              Note,Tax Exempt",
                Format::Shopify,
            ),
            (
                "ID,customer_id,user_login,user_pass,user_nicename,user_email,first_name,last_name,billing_city",
                Format::WooCommerce,
            ),
            (
                "customer_id,first_name,last_name,email,billing_address_1,billing_city,billing_postcode",
                Format::WooCommerce,
            ),
            (
                "Name,Username,Last Active,Sign Up,Email,Orders,Total Spend,AOV,Country / Region,City,Region,Postal Code",
                Format::WooCommerce,
            ),
            ("email,_website,_store,created_at,firstname,group_id,lastname,prefix,taxvat", Format::Magento),
            ("_website,_email,_entity_id,city,company,country_id,street,telephone", Format::Magento),
            ("customer_number,status,type,active,privacy_state,first_name,account_code", Format::Clientele),
            (
                "id,entity_id,title,first_name,last_name,email,phone,company,address1,address2,town,postcode,country",
                Format::Generic,
            ),
        ];
        for (header, format) in cases {
            let header: Vec<String> = header.split(',').map(|name| name.trim().to_owned()).collect();
            assert_eq!(Format::detect(&header), format, "{header:?}");
        }
    }
}
