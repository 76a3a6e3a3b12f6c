//! What can be chosen of a customer: short lists, each value with a stable key.

use platform::tr;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An enum stored and sent by a stable key, with an English label.
macro_rules! keyed {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $key:literal, $label:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        pub enum $name { $(#[serde(rename = $key)] $variant),* }

        impl $name {
            pub const ALL: &[$name] = &[$($name::$variant),*];

            /// The stored key.
            pub fn key(self) -> &'static str {
                match self { $($name::$variant => $key),* }
            }

            /// English label.
            pub fn label(self) -> &'static str {
                match self { $($name::$variant => tr!($label)),* }
            }

            pub fn from_key(key: &str) -> Option<Self> {
                match key { $($key => Some($name::$variant),)* _ => None }
            }
        }
    };
}

keyed! {
    /// Where a customer stands (R5, S3-94). Changes only along the transitions of the catalogue.
    Status {
        Lead = "lead", "Lead";
        Guest = "guest", "Guest";
        InStore = "in_store", "In-store";
        Registered = "registered", "Registered";
        PendingApproval = "pending_approval", "Pending approval";
    }
}

keyed! {
    /// Private person or business customer (R5).
    CustomerType {
        Retail = "retail", "Retail";
        Trade = "trade", "Trade";
    }
}

keyed! {
    /// What privacy runs made of the record (R4).
    PrivacyState {
        Normal = "normal", "Normal";
        Obfuscated = "obfuscated", "Obfuscated";
        Erased = "erased", "Erased";
    }
}

keyed! {
    /// How the record came into being (S0-01, S3-04).
    Origin {
        Manual = "manual", "By hand";
        Import = "import", "Import";
        Api = "api", "API";
        Sync = "sync", "Synchronised";
        Web = "web", "Website";
        Pos = "pos", "Point of sale";
    }
}

keyed! {
    /// What an e-mail address or phone number is for.
    ContactKind {
        Private = "private", "Private";
        Work = "work", "Work";
        Mobile = "mobile", "Mobile";
        Billing = "billing", "Billing";
        Other = "other", "Other";
        Relay = "relay", "Masked by a marketplace";
    }
}

keyed! {
    /// What a customer is in their company (R25).
    CompanyRole {
        Employee = "employee", "Employee";
        Buyer = "buyer", "Buyer";
        Accountant = "accountant", "Accountant";
        Manager = "manager", "Manager";
        Owner = "owner", "Owner of the company";
    }
}

keyed! {
    /// What a customer was called before, in a record that became part of this one (S2-18, R2).
    AliasKind {
        Name = "name", "Name";
        Company = "company", "Company";
        Number = "number", "Customer number";
        AccountCode = "account_code", "Account code";
    }
}

impl Status {
    /// The transitions that staff may make by editing (catalogue, "Status transitions").
    /// Approval and rejection are actions of their own.
    pub fn can_become(self, next: Status) -> bool {
        use Status::*;
        self == next || matches!((self, next), (Lead, Guest | InStore | Registered) | (Guest | InStore, Registered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_moves_only_along_the_catalogue() {
        assert!(Status::Lead.can_become(Status::Registered));
        assert!(Status::Guest.can_become(Status::Registered));
        assert!(!Status::Registered.can_become(Status::Guest));
        assert!(!Status::PendingApproval.can_become(Status::Registered));
        assert!(!Status::Guest.can_become(Status::Lead));
    }
}
