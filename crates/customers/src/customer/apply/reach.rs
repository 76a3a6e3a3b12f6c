//! Whoever sees the customers of some channels writes no others (R26), and moves customers between their own channels only.

use std::collections::BTreeSet;

use platform::tr;
use uuid::Uuid;

use super::Applying;
use crate::customer::model::Customer;
use crate::customer::reach;

impl Applying<'_> {
    /// A new customer of somebody with one open channel belongs to it unless another is named.
    pub(super) fn within_reach(&mut self, customer: &mut Customer, before: Option<&Customer>) {
        let reach = &self.rules.permissions.sight.reach;
        let Some(own) = reach.channels() else { return };
        if before.is_some_and(|before| !reach::holds(reach, before)) {
            return self.out_of_reach("home_channel");
        }
        if before.is_none() && customer.home_channel_id.is_none() && customer.channels.is_empty() {
            customer.home_channel_id = self.rules.directory.only_channel(reach);
        }
        let old_home = before.and_then(|before| before.home_channel_id);
        if customer.home_channel_id != old_home {
            let touched = customer.home_channel_id.into_iter().chain(old_home);
            if touched.into_iter().any(|channel| !own.contains(&channel)) {
                return self.out_of_reach("home_channel");
            }
        }
        let further = |customer: &Customer| customer.channels.iter().copied().collect::<BTreeSet<Uuid>>();
        let old = before.map(further).unwrap_or_default();
        if further(customer).symmetric_difference(&old).any(|channel| !own.contains(channel)) {
            return self.out_of_reach("channels");
        }
        if !reach::holds(reach, customer) {
            self.refuse(
                "home_channel",
                "channel_needed",
                tr!("Choose one of your channels, or you would not see this customer."),
            );
        }
    }

    fn out_of_reach(&mut self, field: &str) {
        self.refuse(field, "channel_out_of_reach", tr!("This concerns a channel whose customers you do not see."));
    }
}
