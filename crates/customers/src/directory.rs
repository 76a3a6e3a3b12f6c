//! The names a customer record refers to: channels, groups, sources, property types, staff, and
//! the settings its rules need. Loaded once per request or import.

use platform::auth::staff;
use platform::contact::fold;
use platform::error::AppResult;
use platform::sea_orm::ConnectionTrait;
use platform::settings;
use uuid::Uuid;

use crate::channel::{self, ChannelRow};
use crate::choice::{self, ChoiceList, ChoiceRow};
use crate::customer::profile::EntryProfiles;
use crate::group::{self, GroupRow};
use crate::settings::CustomerSettings;

/// Everything a record can refer to by name.
#[derive(Clone, Debug)]
pub struct Directory {
    pub channels: Vec<ChannelRow>,
    pub groups: Vec<GroupRow>,
    pub sources: Vec<ChoiceRow>,
    pub property_types: Vec<ChoiceRow>,
    /// Id, name and e-mail address of staff.
    pub staff: Vec<(Uuid, String, String)>,
    pub profiles: EntryProfiles,
    pub settings: CustomerSettings,
}

impl Directory {
    /// Loads it all.
    pub async fn load(db: &impl ConnectionTrait) -> AppResult<Self> {
        let staff = staff::list(db).await?;
        Ok(Self {
            channels: channel::list(db).await?,
            groups: group::list(db).await?,
            sources: choice::list(db, ChoiceList::Source).await?,
            property_types: choice::list(db, ChoiceList::PropertyType).await?,
            staff: staff.into_iter().map(|person| (person.id, person.name, person.email)).collect(),
            profiles: settings::load(db).await?,
            settings: settings::load(db).await?,
        })
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

    /// The staff member with this id or e-mail address.
    pub fn staff_member(&self, text: &str) -> Option<Uuid> {
        let id = Uuid::parse_str(text).ok();
        let email = text.trim().to_lowercase();
        self.staff
            .iter()
            .find(|(known, _, address)| Some(*known) == id || address.to_lowercase() == email)
            .map(|(known, _, _)| *known)
    }

    /// The name behind an id, for showing history and lists.
    pub fn label(&self, id: Uuid) -> Option<&str> {
        let channels = self.channels.iter().map(|row| (row.id, row.name.as_str()));
        let groups = self.groups.iter().map(|row| (row.id, row.name.as_str()));
        let choices = self.sources.iter().chain(&self.property_types).map(|row| (row.id, row.name.as_str()));
        let staff = self.staff.iter().map(|(id, name, _)| (*id, name.as_str()));
        channels.chain(groups).chain(choices).chain(staff).find(|(known, _)| *known == id).map(|(_, name)| name)
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
