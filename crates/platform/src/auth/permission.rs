//! The permissions of the catalogue ("Permissions used above") and the roles a new shop starts with.

use std::collections::BTreeSet;

use super::{FieldRights, Reach, Sight};

macro_rules! permissions {
    ($($variant:ident = $key:literal, $label:literal;)*) => {
        /// One thing a role may allow. The key is stored and used as API scope.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission { $($variant),* }

        impl Permission {
            /// Every permission, in the order of the catalogue.
            pub const ALL: &[Permission] = &[$(Permission::$variant),*];

            /// The stable key, for example `customer.view`.
            pub fn key(self) -> &'static str {
                match self { $(Permission::$variant => $key),* }
            }

            /// What it allows, as an English sentence key.
            pub fn label(self) -> &'static str {
                match self { $(Permission::$variant => $label),* }
            }

            /// The permission with this key.
            pub fn from_key(key: &str) -> Option<Self> {
                match key { $($key => Some(Permission::$variant),)* _ => None }
            }
        }
    };
}

permissions! {
    CustomerView = "customer.view", "See customers";
    CustomerCreate = "customer.create", "Create customers";
    CustomerEdit = "customer.edit", "Edit customers";
    CustomerDeactivate = "customer.deactivate", "Activate and deactivate customers";
    CustomerDelete = "customer.delete", "Delete customers";
    CustomerDeleteBulk = "customer.delete.bulk", "Delete many customers at once";
    CustomerMerge = "customer.merge", "Merge customers";
    CustomerMergeUndo = "customer.merge.undo", "Undo a merge";
    CustomerObfuscate = "customer.obfuscate", "Obfuscate customers";
    CustomerErase = "customer.erase", "Erase personal data";
    ViewEdit = "view.edit", "Save views of the customer list";
    CustomerExport = "customer.export", "Export customers";
    CustomerImport = "customer.import", "Import customers";
    CustomerImpersonate = "customer.impersonate", "Act as a customer";
    CustomerPasswordReset = "customer.password.reset", "Reset a customer's password";
    CustomerPasswordSet = "customer.password.set", "Set a customer's password";
    CustomerTwoFactorReset = "customer.2fa.reset", "Reset a customer's second factor";
    CustomerTypeApprove = "customer.type.approve", "Confirm trade customers";
    GroupAssign = "group.assign", "Put customers into groups";
    GroupConfigure = "group.configure", "Configure groups";
    PricelistAssign = "pricelist.assign", "Assign price lists";
    TermsEdit = "terms.edit", "Edit discount, free delivery and pay on account";
    LedgerPaymentAdd = "ledger.payment.add", "Record payments on account";
    LedgerCreditSet = "ledger.credit.set", "Set store credit";
    LoyaltyAdjust = "loyalty.adjust", "Adjust loyalty points";
    LoyaltyCodeEdit = "loyalty.code.edit", "Edit loyalty codes";
    CreditApplicationDecide = "credit_application.decide", "Decide credit applications";
    OrderCreateFor = "order.create_for", "Order for a customer";
    OfferEdit = "offer.edit", "Edit offers";
    ContractEdit = "contract.edit", "Edit contracts";
    ReturnView = "return.view", "See returns";
    TicketEdit = "ticket.edit", "Edit tickets";
    TaskEdit = "task.edit", "Edit tasks";
    NoteEdit = "note.edit", "Edit notes";
    MailSend = "mail.send", "Send mail";
    MailBulk = "mail.bulk", "Send bulk mail";
    CouponSend = "coupon.send", "Send coupons";
    QueueManage = "queue.manage", "Manage the message queue";
    ConsentEdit = "consent.edit", "Edit consent";
    DocumentEdit = "document.edit", "Edit documents";
    EquipmentLink = "equipment.link", "Link equipment";
    ReviewModerate = "review.moderate", "Moderate reviews";
    ExportLogView = "export_log.view", "See accounting exports";
    HistoryView = "history.view", "See the history of a customer";
    ActivityView = "activity.view", "See what staff did";
    SettingsEdit = "settings.edit", "Change settings";
    StaffEdit = "staff.edit", "Manage staff";
    RolesEdit = "roles.edit", "Manage roles";
    LegalHoldEdit = "legal_hold.edit", "Set a legal hold";
}

/// A role as a new shop gets it: key, name, permissions. Roles can be edited afterwards.
pub struct StarterRole {
    pub key: &'static str,
    pub name: &'static str,
    pub permissions: &'static [Permission],
}

use Permission::*;

/// The seven roles a new shop starts with. S1-59: the sales representative creates, edits, notes,
/// quotes, opens cases and impersonates, and has no right to delete, erase or configure.
pub const STARTER_ROLES: &[StarterRole] = &[
    StarterRole { key: "administrator", name: "Administrator", permissions: Permission::ALL },
    StarterRole { key: "manager", name: "Manager", permissions: MANAGER },
    StarterRole {
        key: "sales_representative",
        name: "Sales representative",
        permissions: &[
            CustomerView, ViewEdit, CustomerCreate, CustomerEdit, CustomerImpersonate, GroupAssign, OrderCreateFor,
            OfferEdit, TicketEdit, TaskEdit, NoteEdit, MailSend, HistoryView,
        ],
    },
    StarterRole {
        key: "support_agent",
        name: "Support agent",
        permissions: &[
            CustomerView, ViewEdit, CustomerEdit, CustomerDeactivate, CustomerPasswordReset, ReturnView, TicketEdit,
            TaskEdit, NoteEdit, MailSend, DocumentEdit, ReviewModerate, HistoryView,
        ],
    },
    StarterRole {
        key: "accountant",
        name: "Accountant",
        permissions: &[
            CustomerView, ViewEdit, CustomerExport, TermsEdit, LedgerPaymentAdd, LedgerCreditSet,
            CreditApplicationDecide, ExportLogView, HistoryView,
        ],
    },
    StarterRole {
        key: "pos_clerk",
        name: "POS clerk",
        permissions: &[CustomerView, ViewEdit, CustomerCreate, OrderCreateFor],
    },
    StarterRole { key: "reader", name: "Reader", permissions: &[CustomerView, ViewEdit] },
];

const MANAGER: &[Permission] = &[
    CustomerView, ViewEdit, CustomerCreate, CustomerEdit, CustomerDeactivate, CustomerDelete, CustomerDeleteBulk,
    CustomerMerge, CustomerMergeUndo, CustomerExport, CustomerImport, CustomerImpersonate, CustomerPasswordReset,
    CustomerPasswordSet, CustomerTypeApprove, GroupAssign, GroupConfigure, PricelistAssign, TermsEdit, LoyaltyAdjust,
    LoyaltyCodeEdit, OrderCreateFor, OfferEdit, ContractEdit, ReturnView, TicketEdit, TaskEdit, NoteEdit, MailSend,
    MailBulk, CouponSend, QueueManage, ConsentEdit, DocumentEdit, EquipmentLink, ReviewModerate, HistoryView,
    ActivityView, SettingsEdit,
];

/// What only those may do who see the customers of every channel: comparing and merging meet any of them, settings and
/// groups hold for all, and what staff did was done to anybody.
pub(super) const WHOLE_SHOP: &[Permission] =
    &[CustomerMerge, CustomerMergeUndo, GroupConfigure, ActivityView, SettingsEdit];

/// A set of permissions as stored with a role: keys separated by blanks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PermissionSet {
    allowed: BTreeSet<Permission>,
    /// Which customers are seen, and what of their fields may be seen and changed.
    pub sight: Sight,
}

impl PermissionSet {
    /// What a role allows, from the texts it stores.
    pub fn stored(permissions: &str, field_rights: &str) -> Self {
        Self::parse(permissions).limited(FieldRights::parse(field_rights))
    }

    /// Reads stored keys; keys of modules that are gone are ignored.
    pub fn parse(text: &str) -> Self {
        Self { allowed: text.split_whitespace().filter_map(Permission::from_key).collect(), sight: Sight::default() }
    }

    pub fn of(permissions: &[Permission]) -> Self {
        Self { allowed: permissions.iter().copied().collect(), sight: Sight::default() }
    }

    /// With limits on fields, from which whoever may edit roles is free.
    #[must_use]
    pub fn limited(mut self, fields: FieldRights) -> Self {
        if !self.has(Permission::RolesEdit) {
            self.sight.fields = fields;
        }
        self
    }

    /// For customers within this reach, to which whoever may edit roles is not bound either. A limited one takes away what
    /// concerns customers of any channel.
    #[must_use]
    pub fn within(mut self, reach: Reach) -> Self {
        if self.has(Permission::RolesEdit) {
            return self;
        }
        if reach.is_limited() {
            self.allowed.retain(|permission| !WHOLE_SHOP.contains(permission));
        }
        self.sight.reach = reach;
        self
    }

    pub fn has(&self, permission: Permission) -> bool {
        self.allowed.contains(&permission)
    }

    /// Only what both allow: a role narrowed by a token's scopes. The sight stays limited as it is.
    pub fn narrowed_to(&self, other: &Self) -> Self {
        Self { allowed: self.allowed.intersection(&other.allowed).copied().collect(), sight: self.sight.clone() }
    }

    /// Whether everything in `other` is allowed here too.
    pub fn covers(&self, other: &Self) -> bool {
        other.allowed.is_subset(&self.allowed)
            && self.sight.fields.covers(&other.sight.fields)
            && self.sight.reach.covers(&other.sight.reach)
    }

    /// The stored form, without the rights on fields.
    pub fn to_text(&self) -> String {
        self.allowed.iter().map(|permission| permission.key()).collect::<Vec<_>>().join(" ")
    }

    pub fn iter(&self) -> impl Iterator<Item = Permission> + '_ {
        self.allowed.iter().copied()
    }
}
