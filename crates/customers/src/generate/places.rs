//! Towns, streets and postcodes of five countries.

use super::random::Chance;

/// A town and what its postcodes and area numbers start with.
pub(super) struct Town {
    pub(super) name: &'static str,
    pub(super) county: &'static str,
    /// What the postcodes of the town start with.
    postcode: &'static str,
    /// The area code of its telephones, with the trunk zero where the country has one.
    pub(super) area_code: &'static str,
}

const fn town(name: &'static str, county: &'static str, postcode: &'static str, area_code: &'static str) -> Town {
    Town { name, county, postcode, area_code }
}

/// A street and a house in it.
pub(super) fn street(country: &str, chance: &mut Chance) -> String {
    let number = chance.between(1, 40).min(chance.between(1, 300));
    match country {
        "GB" => format!("{number} {} {}", chance.pick(GB_STREETS), chance.pick(GB_KINDS)),
        "US" => format!("{} {} {}", number * 7, chance.pick(US_STREETS), chance.pick(US_KINDS)),
        "DE" => format!("{}{} {number}", chance.pick(DE_STREETS), chance.pick(DE_KINDS)),
        "FR" => format!("{number} {} {}", chance.pick(FR_KINDS), chance.pick(FR_STREETS)),
        _ => format!("{}{} {number}", chance.pick(NL_STREETS), chance.pick(NL_KINDS)),
    }
}

/// The second line, which few addresses have.
pub(super) fn second_line(country: &str, chance: &mut Chance) -> String {
    let number = chance.between(1, 60);
    match country {
        "GB" => format!("Flat {number}"),
        "US" => format!("Apt {number}"),
        "DE" => format!("{number}. Etage"),
        "FR" => format!("Appartement {number}"),
        _ => format!("{number} hoog"),
    }
}

/// A postcode of the town, as people there write it.
pub(super) fn postcode(country: &str, town: &Town, chance: &mut Chance) -> String {
    let start = town.postcode;
    match country {
        "GB" => {
            let (district, sector) = (chance.between(1, 20), chance.below(10));
            format!("{start}{district} {sector}{}{}", chance.pick(GB_UNIT), chance.pick(GB_UNIT))
        }
        "NL" => format!("{start}{:02} {}{}", chance.below(100), chance.pick(NL_LETTERS), chance.pick(NL_LETTERS)),
        _ => format!("{start}{:0width$}", chance.below(10_u64.pow(5 - start.len() as u32)), width = 5 - start.len()),
    }
}

/// The towns of a country, largest first.
pub(super) fn towns(country: &str) -> &'static [&'static Town] {
    match country {
        "GB" => GB_TOWNS,
        "US" => US_TOWNS,
        "DE" => DE_TOWNS,
        "FR" => FR_TOWNS,
        _ => NL_TOWNS,
    }
}

const GB_UNIT: &[&str] =
    &["A", "B", "D", "E", "F", "G", "H", "J", "L", "N", "P", "Q", "R", "S", "T", "U", "W", "X", "Y", "Z"];
const NL_LETTERS: &[&str] =
    &["A", "B", "C", "D", "E", "G", "H", "J", "K", "L", "M", "N", "P", "R", "S", "T", "V", "W", "X", "Z"];

const GB_STREETS: &[&str] = &[
    "High", "Station", "Church", "Victoria", "Mill", "Park", "London", "Queens", "Kings", "Manor", "Springfield",
    "Albert", "Chapel", "Green", "Grange", "Highfield", "New", "North", "South", "West", "The Crescent", "Windsor",
    "York", "Orchard", "Stanley", "Alexandra", "Richmond", "School", "Hawthorn", "Meadow", "Bramble", "Kestrel",
    "Foundry", "Quarry",
];
const GB_KINDS: &[&str] = &["Street", "Road", "Lane", "Avenue", "Close", "Drive", "Gardens", "Way", "Court", "Place"];
const US_STREETS: &[&str] = &[
    "Second", "Third", "First", "Oak", "Fourth", "Pine", "Maple", "Cedar", "Elm", "View", "Washington", "Lake", "Hill",
    "Walnut", "Lincoln", "Jackson", "Church", "River", "Willow", "Jefferson", "Center", "Highland", "Cherry",
    "Dogwood", "Magnolia", "Sycamore", "Juniper", "Mission", "Cactus", "Harbor", "Prairie", "Saddle",
];
const US_KINDS: &[&str] = &["Street", "Avenue", "Drive", "Road", "Boulevard", "Lane", "Court", "Way", "Circle"];
const DE_STREETS: &[&str] = &[
    "Haupt", "Dorf", "Schul", "Garten", "Bahnhof", "Wiesen", "Berg", "Birken", "Linden", "Kirch", "Wald", "Ring",
    "Schiller", "Goethe", "Mozart", "Jahn", "Mühlen", "Buchen", "Eichen", "Rosen", "Flieder", "Amsel", "Lerchen",
    "Sonnen", "Blumen", "Ahorn", "Tannen", "Kapellen", "Brunnen", "Hafen", "Markt", "Post",
];
const DE_KINDS: &[&str] = &["straße", "weg", "allee", "gasse", "ring", "platz", "str."];
const NL_STREETS: &[&str] = &[
    "Kerk", "School", "Molen", "Dorps", "Julianas", "Wilhelmina", "Beatrix", "Nieuw", "Hoofd", "Stations", "Eiken",
    "Linden", "Beuken", "Kastanje", "Meidoorn", "Vondel", "Rembrandt", "Prins Hendrik", "Burgemeester", "Haven",
    "Markt", "Water", "Wilgen", "Parallel", "Industrie", "Tulpen", "Rozen", "Leliën", "Merel", "Zwaluw", "Polder",
    "Dijk",
];
const NL_KINDS: &[&str] = &["straat", "weg", "laan", "plein", "gracht", "kade", "singel", "hof", "pad"];
const FR_STREETS: &[&str] = &[
    "de l'Église", "des Écoles", "de la Mairie", "du Moulin", "du Stade", "Victor Hugo", "Jean Jaurès", "Pasteur",
    "de la République", "de la Gare", "du Château", "des Lilas", "des Jardins", "de la Fontaine", "Jules Ferry",
    "Émile Zola", "de la Liberté", "des Tilleuls", "des Acacias", "Gambetta", "du Général de Gaulle", "Saint-Martin",
    "des Peupliers", "du Lavoir", "des Cerisiers", "Molière", "Voltaire", "de la Paix", "du Port", "des Vignes",
];
const FR_KINDS: &[&str] = &["rue", "rue", "rue", "avenue", "place", "chemin", "boulevard", "impasse", "allée"];

const GB_TOWNS: &[&Town] = &[
    &town("London", "Greater London", "SE", "020"),
    &town("London", "Greater London", "N", "020"),
    &town("Birmingham", "West Midlands", "B", "0121"),
    &town("Manchester", "Greater Manchester", "M", "0161"),
    &town("Glasgow", "Lanarkshire", "G", "0141"),
    &town("Leeds", "West Yorkshire", "LS", "0113"),
    &town("Liverpool", "Merseyside", "L", "0151"),
    &town("Sheffield", "South Yorkshire", "S", "0114"),
    &town("Edinburgh", "Midlothian", "EH", "0131"),
    &town("Bristol", "Bristol", "BS", "0117"),
    &town("Cardiff", "South Glamorgan", "CF", "029"),
    &town("Leicester", "Leicestershire", "LE", "0116"),
    &town("Nottingham", "Nottinghamshire", "NG", "0115"),
    &town("Brighton", "East Sussex", "BN", "01273"),
    &town("Plymouth", "Devon", "PL", "01752"),
    &town("Norwich", "Norfolk", "NR", "01603"),
    &town("York", "North Yorkshire", "YO", "01904"),
    &town("Exeter", "Devon", "EX", "01392"),
    &town("Aberdeen", "Aberdeenshire", "AB", "01224"),
    &town("Swansea", "West Glamorgan", "SA", "01792"),
    &town("Stoke-on-Trent", "Staffordshire", "ST", "01782"),
    &town("Kirkby-in-Ashfield", "Nottinghamshire", "NG", "01623"),
];
const US_TOWNS: &[&Town] = &[
    &town("New York", "NY", "100", "212"),
    &town("Los Angeles", "CA", "900", "213"),
    &town("Chicago", "IL", "606", "312"),
    &town("Houston", "TX", "770", "713"),
    &town("Phoenix", "AZ", "850", "602"),
    &town("Philadelphia", "PA", "191", "215"),
    &town("San Antonio", "TX", "782", "210"),
    &town("San Diego", "CA", "921", "619"),
    &town("Dallas", "TX", "752", "214"),
    &town("Austin", "TX", "787", "512"),
    &town("Columbus", "OH", "432", "614"),
    &town("Seattle", "WA", "981", "206"),
    &town("Denver", "CO", "802", "303"),
    &town("Boston", "MA", "021", "617"),
    &town("Nashville", "TN", "372", "615"),
    &town("Portland", "OR", "972", "503"),
    &town("Miami", "FL", "331", "305"),
    &town("Atlanta", "GA", "303", "404"),
    &town("St. Louis", "MO", "631", "314"),
    &town("Truth or Consequences", "NM", "879", "575"),
];
const DE_TOWNS: &[&Town] = &[
    &town("Berlin", "Berlin", "10", "030"),
    &town("Hamburg", "Hamburg", "20", "040"),
    &town("München", "Bayern", "80", "089"),
    &town("Köln", "Nordrhein-Westfalen", "50", "0221"),
    &town("Frankfurt am Main", "Hessen", "60", "069"),
    &town("Stuttgart", "Baden-Württemberg", "70", "0711"),
    &town("Düsseldorf", "Nordrhein-Westfalen", "40", "0211"),
    &town("Leipzig", "Sachsen", "04", "0341"),
    &town("Dortmund", "Nordrhein-Westfalen", "44", "0231"),
    &town("Essen", "Nordrhein-Westfalen", "45", "0201"),
    &town("Bremen", "Bremen", "28", "0421"),
    &town("Dresden", "Sachsen", "01", "0351"),
    &town("Hannover", "Niedersachsen", "30", "0511"),
    &town("Nürnberg", "Bayern", "90", "0911"),
    &town("Göttingen", "Niedersachsen", "37", "0551"),
    &town("Würzburg", "Bayern", "97", "0931"),
    &town("Lübeck", "Schleswig-Holstein", "23", "0451"),
    &town("Castrop-Rauxel", "Nordrhein-Westfalen", "44", "02305"),
];
const NL_TOWNS: &[&Town] = &[
    &town("Amsterdam", "Noord-Holland", "10", "020"),
    &town("Rotterdam", "Zuid-Holland", "30", "010"),
    &town("Den Haag", "Zuid-Holland", "25", "070"),
    &town("Utrecht", "Utrecht", "35", "030"),
    &town("Eindhoven", "Noord-Brabant", "56", "040"),
    &town("Groningen", "Groningen", "97", "050"),
    &town("Tilburg", "Noord-Brabant", "50", "013"),
    &town("Almere", "Flevoland", "13", "036"),
    &town("Breda", "Noord-Brabant", "48", "076"),
    &town("Nijmegen", "Gelderland", "65", "024"),
    &town("Haarlem", "Noord-Holland", "20", "023"),
    &town("Arnhem", "Gelderland", "68", "026"),
    &town("'s-Hertogenbosch", "Noord-Brabant", "52", "073"),
    &town("Leiden", "Zuid-Holland", "23", "071"),
    &town("Maastricht", "Limburg", "62", "043"),
    &town("Delft", "Zuid-Holland", "26", "015"),
    &town("Leeuwarden", "Friesland", "89", "058"),
    &town("Bergen op Zoom", "Noord-Brabant", "46", "0164"),
];
const FR_TOWNS: &[&Town] = &[
    &town("Paris", "Île-de-France", "750", "01"),
    &town("Marseille", "Provence-Alpes-Côte d'Azur", "130", "04"),
    &town("Lyon", "Auvergne-Rhône-Alpes", "690", "04"),
    &town("Toulouse", "Occitanie", "310", "05"),
    &town("Nice", "Provence-Alpes-Côte d'Azur", "060", "04"),
    &town("Nantes", "Pays de la Loire", "440", "02"),
    &town("Strasbourg", "Grand Est", "670", "03"),
    &town("Montpellier", "Occitanie", "340", "04"),
    &town("Bordeaux", "Nouvelle-Aquitaine", "330", "05"),
    &town("Lille", "Hauts-de-France", "590", "03"),
    &town("Rennes", "Bretagne", "350", "02"),
    &town("Reims", "Grand Est", "511", "03"),
    &town("Saint-Étienne", "Auvergne-Rhône-Alpes", "420", "04"),
    &town("Rouen", "Normandie", "760", "02"),
    &town("Besançon", "Bourgogne-Franche-Comté", "250", "03"),
    &town("Aix-en-Provence", "Provence-Alpes-Côte d'Azur", "131", "04"),
];
