// Package seed invents organisations: people in Connexie, and Eitje's side as
// plain data, with what a synchronisation should make of each person. The same
// seed and day give the same organisation, and every date lies relative to that
// day, so that "starts tomorrow" is true whenever it is used.
//
// Demo is one realistic organisation with every awkward case of the rule book,
// each labelled with its rule, and two months of shifts with what an export should
// make of each. Scaled is any number of people with a realistic mix, made one by
// one, with shifts where they are asked for. Small is a scenario of a few people.
//
// Nobody here exists: e-mail addresses end in domains that RFC 2606 keeps free,
// phone numbers are not given out, citizen service numbers fail their check and
// bank accounts carry check digits that no account has.
package seed
