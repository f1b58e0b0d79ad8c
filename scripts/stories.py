#!/usr/bin/python3
"""Make data/stories/{train,valid,test}.tsv: small stories of who went where with what, each
behind a question about it and <sep>; and the answer, whose words stand in the story.

The names of people and places are made up for each story; no name of one set is in another.
For configs/copy/question-answering.yaml.
"""
import names

THINGS = "ball book bottle candle clock drum flag guitar key lamp letter umbrella".split()
WITHOUT = ["{who} went to {where} .", "{who} walked to {where} .", "{who} is in {where} now ."]
WITH = ["{who} went to {where} with the {what} .", "{who} took the {what} to {where} .",
        "the {what} was brought to {where} by {who} ."]
SIZES = {"train": 20000, "valid": 500, "test": 1000}


def tell(numbers, chosen):
    """Who went where with what (or None), in this order."""
    people = names.draw(numbers, names.person, chosen, numbers.randint(2, 3))
    places = names.draw(numbers, names.place, chosen, numbers.randint(2, 4))
    things = numbers.sample(THINGS, 3)
    moves = []
    for _ in range(numbers.randint(2, 5)):
        what = numbers.choice(things) if numbers.random() < 0.7 else None
        moves.append((numbers.choice(people), numbers.choice(places), what))
    return moves


def ask(numbers, moves):
    """A question about one of the moves and its answer: what came last is true."""
    who, where, what = numbers.choice(moves)
    questions = [(f"where is {who} ?", [place for person, place, _ in moves if person == who][-1])]
    if what is not None:
        last = [(person, place) for person, place, thing in moves if thing == what][-1]
        taken = [thing for person, _, thing in moves if person == who and thing is not None][-1]
        questions += [(f"where is the {what} ?", last[1]),
                      (f"who had the {what} last ?", last[0]),
                      (f"what did {who} take last ?", f"{who} took the {taken}")]
    guests = {person for person, place, _ in moves if place == where}
    if len(guests) == 1:
        questions.append((f"who was in {where} ?", who))
    return numbers.choice(questions)


def write(numbers, moves):
    return " ".join(numbers.choice(WITH if what else WITHOUT).format(who=who, where=where, what=what)
                    for who, where, what in moves)


def make(chosen, count, numbers):
    pairs = []
    for _ in range(count):
        moves = tell(numbers, chosen)
        question, answer = ask(numbers, moves)
        pairs.append((f"{question} <sep> {write(numbers, moves)}", answer))
    return pairs


if __name__ == "__main__":
    names.make_sets(__doc__, "data/stories", SIZES, make)
