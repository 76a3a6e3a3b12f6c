//! The names a customer record refers to: channels, groups, sources, property types, staff, and
//! the settings its rules need. Loaded once per request or import.

use std::collections::{BTreeMap, BTreeSet};

use platform::auth::{Reach, Sight, staff};
use platform::contact::fold;
use platform::error::AppResult;
use platform::history;
use platform::sea_orm::ConnectionTrait;
use platform::settings;
use uuid::Uuid;

use crate::channel::{self, ChannelRow};
use crate::choice::{self, ChoiceList, ChoiceRow};
use crate::company;
use crate::customer::field_rights::name_or_number;
use crate::customer::profile::EntryProfiles;
use crate::customer::{reach, store};
use crate::group::{self, GroupRow};
use crate::settings::CustomerSettings;

/// Ids looked up with one statement.
const NAMES_AT_ONCE: usize = 100;

/// Everything a record can refer to by name.
#[derive(Clone, Debug)]
pub struct Directory {
    pub channels: Vec<ChannelRow>,
    pub groups: Vec<GroupRow>,
    pub sources: Vec<ChoiceRow>,
    pub property_types: Vec<ChoiceRow>,
    pub tags: Vec<ChoiceRow>,
    /// Id, name and e-mail address of staff.
    pub staff: Vec<(Uuid, String, String)>,
    pub profiles: EntryProfiles,
    pub settings: CustomerSettings,
    /// Names of companies, customers and of what is gone, looked up for one page by [`Directory::learn`].
    pub learned: BTreeMap<Uuid, String>,
}

impl Directory {
    /// Loads it all.
    pub async fn load(db: &impl ConnectionTrait) -> AppResult<Self> {
        // Side by side where there are several connections.
        let ((staff, channels, groups), (sources, property_types, tags), (profiles, settings)) = futures::try_join!(
            async { AppResult::Ok((staff::list(db).await?, channel::list(db).await?, group::list(db).await?)) },
            async {
                let of = |list| choice::list(db, list);
                let sources = of(ChoiceList::Source).await?;
                Ok((sources, of(ChoiceList::PropertyType).await?, of(ChoiceList::Tag).await?))
            },
            async { Ok((settings::load(db).await?, settings::load(db).await?)) },
        )?;
        let staff = staff.into_iter().map(|person| (person.id, person.name, person.email)).collect();
        let learned = BTreeMap::new();
        Ok(Self { channels, groups, sources, property_types, tags, staff, profiles, settings, learned })
    }

    /// Looks up the names of ids that are none of the shop's lists: companies, other customers, and groups, channels and
    /// entries that were deleted, by the name they had last.
    pub async fn learn(
        &mut self,
        db: &impl ConnectionTrait,
        sight: &Sight,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> AppResult<()> {
        let unknown: BTreeSet<Uuid> = ids.into_iter().filter(|id| self.label(*id).is_none()).collect();
        let unknown: Vec<Uuid> = unknown.into_iter().collect();
        for chunk in unknown.chunks(NAMES_AT_ONCE) {
            let mut names = store::names(db, chunk).await?;
            reach::call_by_number(db, &sight.reach, &mut names).await?;
            for (id, (name, number)) in names {
                let shown = name_or_number(&sight.fields, &name, &number);
                let shown = if shown == number { number.clone() } else { format!("{shown} ({number})") };
                self.learned.insert(id, shown);
            }
            self.learned.extend(company::names(db, chunk).await?);
        }
        for id in unknown {
            if self.learned.contains_key(&id) {
                continue;
            }
            let gone = history::last_name(db, id).await?;
            self.learned.extend(gone.map(|name| (id, name)));
        }
        Ok(())
    }

    /// The channel with this id or name.
    pub fn channel(&self, text: &str) -> Option<&ChannelRow> {
        let wanted = Wanted::of(text);
        self.channels.iter().find(|row| wanted.is(row.id, &row.name))
    }

    /// The group with this id or name.
    pub fn group(&self, text: &str) -> Option<&GroupRow> {
        let wanted = Wanted::of(text);
        self.groups.iter().find(|row| wanted.is(row.id, &row.name))
    }

    /// The entry of the source list with this id or name.
    pub fn source(&self, text: &str) -> Option<&ChoiceRow> {
        let wanted = Wanted::of(text);
        self.sources.iter().find(|row| wanted.is(row.id, &row.name))
    }

    /// The property type with this id or name.
    pub fn property_type(&self, text: &str) -> Option<&ChoiceRow> {
        let wanted = Wanted::of(text);
        self.property_types.iter().find(|row| wanted.is(row.id, &row.name))
    }

    /// The tag with this id or name.
    pub fn tag(&self, text: &str) -> Option<&ChoiceRow> {
        let wanted = Wanted::of(text);
        self.tags.iter().find(|row| wanted.is(row.id, &row.name))
    }

    /// The staff member with this id or e-mail address.
    pub fn staff_member(&self, text: &str) -> Option<Uuid> {
        let id = Uuid::parse_str(text).ok();
        let email = text.trim().to_lowercase();
        self.staff
            .iter()
            .find(|(known, _, address)| Some(*known) == id || address.to_lowercase() == email)
            .map(|(known, _, _)| *known)
    }

    /// The channel that new customers of somebody belong to unless another is named: the only open one of their reach.
    pub fn only_channel(&self, reach: &Reach) -> Option<Uuid> {
        let own = reach.channels()?;
        let mut open = self.channels.iter().filter(|row| row.active && own.contains(&row.id)).map(|row| row.id);
        open.next().filter(|_| open.next().is_none())
    }

    /// The e-mail address of a staff member.
    pub fn address_of(&self, staff: Uuid) -> Option<&str> {
        self.staff.iter().find(|(id, _, _)| *id == staff).map(|(_, _, address)| address.as_str())
    }

    /// The name behind an id, for showing history and lists.
    pub fn label(&self, id: Uuid) -> Option<&str> {
        let channels = self.channels.iter().map(|row| (row.id, row.name.as_str()));
        let groups = self.groups.iter().map(|row| (row.id, row.name.as_str()));
        let choices =
            self.sources.iter().chain(&self.property_types).chain(&self.tags).map(|row| (row.id, row.name.as_str()));
        let staff = self.staff.iter().map(|(id, name, _)| (*id, name.as_str()));
        channels
            .chain(groups)
            .chain(choices)
            .chain(staff)
            .find(|(known, _)| *known == id)
            .map_or_else(|| self.learned.get(&id).map(String::as_str), |(_, name)| Some(name))
    }
}

struct Wanted {
    id: Option<Uuid>,
    folded: String,
}

impl Wanted {
    fn of(text: &str) -> Self {
        Self { id: Uuid::parse_str(text.trim()).ok(), folded: fold(text) }
    }

    fn is(&self, id: Uuid, name: &str) -> bool {
        self.id == Some(id) || (self.id.is_none() && fold(name) == self.folded)
    }
}
