package seed

var firstNames = []string{
	"Anouk", "Bram", "Cato", "Daan", "Eline", "Finn", "Fleur", "Gijs", "Hidde", "Iris", "Jasmijn", "Jesse",
	"Julia", "Kees", "Lars", "Lieke", "Lotte", "Luuk", "Maartje", "Mees", "Mila", "Naomi", "Niels", "Noor",
	"Olivier", "Pien", "Pim", "Roos", "Ruben", "Saar", "Sem", "Sofie", "Stijn", "Tess", "Thijs", "Tim",
	"Vera", "Wessel", "Yara", "Zoë", "Amir", "Fatima", "Giulia", "Mehmet", "Oluwaseun", "Renée", "Sánchia", "Björn",
}

type surname struct{ infix, name string }

var surnames = []surname{
	{"", "Bakker"}, {"de", "Vries"}, {"van", "Dijk"}, {"", "Visser"}, {"de", "Boer"}, {"van der", "Meer"},
	{"", "Mulder"}, {"de", "Groot"}, {"van den", "Berg"}, {"", "Smit"}, {"van der", "Linden"}, {"", "Hendriks"},
	{"van", "Leeuwen"}, {"de", "Bruijn"}, {"", "Dekker"}, {"ten", "Brink"}, {"van 't", "Hof"}, {"", "Jacobs"},
	{"van der", "Veen"}, {"", "Kuipers"}, {"de la", "Court"}, {"op den", "Kamp"}, {"", "Yılmaz"}, {"", "El Amrani"},
	{"", "Vermeulen"}, {"van de", "Ven"}, {"", "Postma"}, {"in 't", "Veld"}, {"", "Schouten"}, {"", "Willems"},
	{"ter", "Horst"}, {"", "Koster"}, {"", "Huisman-Pérez"}, {"den", "Hartog"}, {"", "Prins"}, {"", "Blom"},
}

var streets = []string{
	"Dorpsstraat", "Kerkstraat", "Molenweg", "Nieuwstraat", "Stationsplein", "Havenkade", "Lindenlaan",
	"Prins Hendrikkade", "Burgemeester de Vlugtlaan", "Oude Gracht", "'s-Gravelandseweg", "Korte Nieuwstraat",
}

type town struct{ postcode, name string }

var towns = []town{
	{"1012", "Amsterdam"}, {"3511", "Utrecht"}, {"2011", "Haarlem"}, {"2511", "'s-Gravenhage"},
	{"5211", "'s-Hertogenbosch"}, {"9711", "Groningen"}, {"6511", "Nijmegen"}, {"1931", "Egmond aan Zee"},
}

// domains are kept free of real mailboxes by RFC 2606.
var domains = []string{"example.com", "example.net", "example.org", "post.example"}

var jobTitles = []string{"Bediening", "Bar", "Keukenhulp", "Kok", "Afwas", "Gastvrouw", "Barista", "Bedrijfsleider"}
