//! Type, status, activity and account (R5, R7).

use platform::auth::Permission;
use platform::tr;

use super::{Applying, Resolved};
use crate::customer::input::CustomerInput;
use crate::customer::model::{Account, ContactKind, Customer, CustomerType, Origin, Status};

impl Applying<'_> {
    /// Type, status and activity (R5).
    pub(super) fn standing(&mut self, customer: &mut Customer, before: Option<&Customer>, input: &CustomerInput) {
        if let Some(text) = input.customer_type.as_deref().filter(|text| !text.trim().is_empty()) {
            match CustomerType::from_key(text.trim()) {
                Some(kind) => {
                    let switched = before.is_some_and(|before| before.customer_type != kind);
                    if !switched || self.need(Permission::CustomerTypeApprove, "customer_type") {
                        customer.customer_type = kind;
                    }
                }
                None => self.refuse("customer_type", "unknown_type", tr!("Choose retail or trade.")),
            }
        }
        if let Some(text) = input.status.as_deref().filter(|text| !text.trim().is_empty()) {
            self.status(customer, before, text.trim());
        }
        if before.is_none() {
            self.new_standing(customer, input);
        }
        if let Some(active) = input.active {
            self.activity(customer, before, active);
        }
    }

    fn status(&mut self, customer: &mut Customer, before: Option<&Customer>, text: &str) {
        let Some(status) = Status::from_key(text) else {
            return self.refuse("status", "unknown_status", tr!("Choose a status from the list."));
        };
        let fits = match before {
            Some(before) => before.status.can_become(status),
            None => status != Status::PendingApproval || customer.customer_type == CustomerType::Trade,
        };
        let opens_account = status == Status::Registered && before.is_none_or(|before| before.status != status);
        if opens_account && customer.origin != Origin::Import && !self.need(Permission::CustomerPasswordSet, "status") {
            return;
        }
        if fits {
            customer.status = status;
        } else {
            self.refuse("status", "status_transition", tr!("The status cannot change this way."));
        }
    }

    /// A trade registration waits for approval; a password makes the customer registered.
    fn new_standing(&mut self, customer: &mut Customer, input: &CustomerInput) {
        // Whoever may approve brings trade customers of another system in as they stand there.
        let brought_in = matches!(customer.origin, Origin::Import | Origin::Sync)
            && self.rules.permissions.has(Permission::CustomerTypeApprove);
        let registration = !brought_in || customer.status == Status::PendingApproval;
        if customer.customer_type == CustomerType::Trade && registration {
            customer.status = Status::PendingApproval;
            customer.active = false;
        } else if input.status.as_deref().is_none_or(str::is_empty)
            && input.password.as_deref().is_some_and(|text| !text.is_empty())
        {
            customer.status = Status::Registered;
        }
    }

    fn activity(&mut self, customer: &mut Customer, before: Option<&Customer>, active: bool) {
        if customer.status == Status::PendingApproval {
            if active && before.is_some() {
                self.refuse("active", "pending_approval", tr!("This customer waits for approval first."));
            }
            return;
        }
        let changes = before.is_some_and(|before| before.active != active);
        if !changes || self.need(Permission::CustomerDeactivate, "active") {
            customer.active = active;
        }
    }

    /// A registered customer has an account whose sign-in is the primary address (R7).
    pub(super) fn account(&mut self, customer: &mut Customer, input: &CustomerInput, resolved: &Resolved) {
        let sets_password = input.password.as_deref().is_some_and(|text| !text.is_empty());
        if sets_password && !self.need(Permission::CustomerPasswordSet, "password") {
            return;
        }
        if customer.status == Status::Registered && customer.account.is_none() {
            match customer.primary_email() {
                Some(email) if email.kind == ContactKind::Relay => {
                    self.refuse("email", "email_masked", tr!("A masked address cannot be a sign-in."));
                }
                Some(email) => {
                    customer.account = Some(Account {
                        login_email: email.address.clone(),
                        login_folded: email.folded.clone(),
                        password_hash: String::new(),
                        created_at: self.rules.now,
                    });
                }
                None => self.refuse("email", "required", tr!("A registered customer needs an e-mail address.")),
            }
        }
        if !sets_password {
            return;
        }
        match (&mut customer.account, &resolved.password_hash) {
            (Some(account), Some(hash)) => account.password_hash.clone_from(hash),
            (None, _) if customer.status != Status::PendingApproval && self.errors.is_empty() => {
                self.refuse("password", "no_account", tr!("Only a registered customer has a password."));
            }
            _ => {}
        }
    }
}
