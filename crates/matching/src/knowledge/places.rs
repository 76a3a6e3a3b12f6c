//! Words of addresses that say the kind of a street or the part of a house.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::by_word;

/// What a word in an address line is when it is no name of a street.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceWord {
    /// "Street", "rue", "via", and the articles between: left out when streets are compared.
    Kind,
    /// "Flat", "Whg", "bis": a number that follows is a part of the house.
    Unit,
}

use PlaceWord::{Kind, Unit};

const PLACE_WORDS: &[(PlaceWord, &str)] = &[
    (
        Kind,
        "street st str road rd avenue ave av lane ln close cl drive dr drv gardens gdns gdn garden way wy crescent cres cr \
         terrace ter terr place pl grove gr court ct crt boulevard blvd bvd boul bd circle cir circuit cct trail trl parkway \
         pkwy pky highway hwy square sq mews row rise walk wlk wk view vw parade pde esplanade esp green grn hill park loop \
         alley aly turnpike tpke expressway expy freeway fwy route rte",
    ),
    (Kind, "saint sainte ste north south east west n s e w nw ne sw se the of and"),
    (
        Kind,
        "strasse strase strae weg allee platz plz gasse ring damm ufer chaussee straat laan plein pln singel kade gracht hof steeg dreef \
         am an der die das den dem zum zur im auf in het van",
    ),
    (
        Kind,
        "rue r chemin ch che impasse imp allee all allees quai cours route rt square passage pass place sentier villa \
         faubourg fbg cite lotissement lot residence res hameau zone za zi de du des la le les l d et aux au a",
    ),
    (
        Kind,
        "calle c avenida avda plaza pza paseo po ronda camino cno carretera ctra travesia rua praca travessa estrada via \
         viale piazza corso vicolo largo strada del della dei delle degli di da do dos das los las el y i",
    ),
    (
        Kind,
        "ulica ul aleja al os osiedle plac pl gatan vagen vej gade gate gata vei veien katu tie utca ut ter namesti trida",
    ),
    (
        Unit,
        "flat apartment apt apartement appartement appt app unit suite room rm floor fl level lvl door # no whg wohnung \
         etage et stock og top tur stiege hinterhaus hs bis bus bte boite bat batiment esc escalier porte piso puerta \
         pta planta int interno scala lgh lokal lok m bei huis verdieping toestel block blk box postbox pobox shop office",
    ),
];

static WORDS: LazyLock<FxHashMap<&'static str, PlaceWord>> = LazyLock::new(|| by_word(PLACE_WORDS));

/// What a folded word of an address line means when it is no name.
pub fn place_word(word: &str) -> Option<PlaceWord> {
    WORDS.get(word).copied()
}

/// Endings by which Germanic compounds say the kind of a street, the longer before the shorter.
const SUFFIXES: &[&str] = &[
    "strasse", "strase", "strae", "straat", "gasse", "platz", "allee", "singel", "gracht", "plein", "gatan", "vagen",
    "laan", "kade", "ring", "damm", "ufer", "steig", "str", "weg", "hof", "pln", "vej", "gade", "ln", "pl", "g",
];

/// A street's name without the kind at its end: "bahnhofstrasse" and "bahnhofstr" become "bahnhof".
pub fn without_street_kind(word: &str) -> &str {
    SUFFIXES
        .iter()
        .filter(|suffix| word.len() >= suffix.len() + 3)
        .find_map(|suffix| word.strip_suffix(suffix))
        .unwrap_or(word)
}
