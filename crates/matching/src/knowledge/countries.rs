//! Countries by code and name, and how they dial.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// Code, calling code, digit before national numbers ('-' for none), names.
const COUNTRIES: &[(&str, &str, char, &str)] = &[
    ("gb", "44", '0', "uk,united kingdom,great britain,england,scotland,wales,northern ireland"),
    ("ie", "353", '0', "ireland,eire"),
    ("us", "1", '1', "usa,united states,united states of america"),
    ("ca", "1", '1', "canada"),
    ("au", "61", '0', "australia"),
    ("nz", "64", '0', "new zealand"),
    ("de", "49", '0', "germany,deutschland,brd"),
    ("at", "43", '0', "austria,osterreich,oesterreich"),
    ("ch", "41", '0', "switzerland,schweiz,suisse,svizzera"),
    ("li", "423", '-', "liechtenstein"),
    ("nl", "31", '0', "netherlands,the netherlands,nederland,holland"),
    ("be", "32", '0', "belgium,belgie,belgique,belgien"),
    ("lu", "352", '-', "luxembourg,luxemburg"),
    ("fr", "33", '0', "france,frankreich"),
    ("mc", "377", '-', "monaco"),
    ("es", "34", '-', "spain,espana,spanien"),
    ("pt", "351", '-', "portugal"),
    ("it", "39", '-', "italy,italia,italien"),
    ("pl", "48", '-', "poland,polska,polen"),
    ("cz", "420", '-', "czechia,czech republic,cesko"),
    ("sk", "421", '0', "slovakia,slovensko"),
    ("hu", "36", '0', "hungary,magyarorszag"),
    ("ro", "40", '0', "romania"),
    ("bg", "359", '0', "bulgaria"),
    ("gr", "30", '-', "greece,hellas"),
    ("hr", "385", '0', "croatia,hrvatska"),
    ("si", "386", '0', "slovenia,slovenija"),
    ("rs", "381", '0', "serbia,srbija"),
    ("se", "46", '0', "sweden,sverige"),
    ("no", "47", '-', "norway,norge"),
    ("dk", "45", '-', "denmark,danmark"),
    ("fi", "358", '0', "finland,suomi"),
    ("is", "354", '-', "iceland,island"),
    ("ee", "372", '-', "estonia,eesti"),
    ("lv", "371", '-', "latvia,latvija"),
    ("lt", "370", '0', "lithuania,lietuva"),
    ("tr", "90", '0', "turkey,turkiye"),
    ("ua", "380", '0', "ukraine"),
    ("ru", "7", '8', "russia"),
    ("in", "91", '0', "india"),
    ("cn", "86", '0', "china"),
    ("jp", "81", '0', "japan"),
    ("br", "55", '0', "brazil,brasil"),
    ("mx", "52", '-', "mexico"),
    ("ar", "54", '0', "argentina"),
    ("za", "27", '0', "south africa"),
    ("il", "972", '0', "israel"),
    ("ae", "971", '0', "united arab emirates"),
    ("sg", "65", '-', "singapore"),
];

static BY_NAME: LazyLock<FxHashMap<&'static str, usize>> = LazyLock::new(|| {
    let mut names = FxHashMap::default();
    for (index, (code, _, _, others)) in COUNTRIES.iter().enumerate() {
        names.insert(*code, index);
        names.extend(others.split(',').map(|name| (name, index)));
    }
    names
});

/// The code of a country given by a folded code or name; of others the text itself.
pub fn country_code(folded: &str) -> &str {
    BY_NAME.get(folded).map_or(folded, |index| COUNTRIES[*index].0)
}

/// The calling code at the beginning of an international number without its plus.
pub fn dialling(digits: &str) -> Option<&'static str> {
    COUNTRIES.iter().map(|country| country.1).filter(|code| digits.starts_with(code)).max_by_key(|code| code.len())
}

/// The calling code of a country and the digit it puts before national numbers.
pub fn trunk_prefix(code: &str) -> Option<(&'static str, Option<char>)> {
    let (_, dial, trunk, _) = COUNTRIES[*BY_NAME.get(code)?];
    Some((dial, (trunk != '-').then_some(trunk)))
}
