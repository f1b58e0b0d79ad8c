"""Names made up by the thousand, of which none is in two of train, valid and test."""
import argparse
import random

from splits import SETS, set_of, write_sets

BEGINNINGS = ("Al Be Bri Ca Chri Da De El Fa Gra Ha Ho Isa Ja Jo Ka Ke La Le Lu Ma Mi Na Ni O Pa "
              "Ra Ri Ro Sa Ste Ta Te Vi Wi Za").split()
MIDDLES = "be ca da le li lo ma mi na ni ra ri ro sa sta to vi".split()
PEOPLE = ("bert beth by da dine el fer gail la leen lia line lyn ma mond na ne nia ra ric rick sa "
          "son ta th ton vin").split()
PLACES = "berg bridge burgh bury field ford gate ham haven mouth port shire stead stow ville wick".split()
SURNAMES = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建文国春梅海燕志晓东雪龙飞鹏宇欣佳思雨子涵浩然"


def person(numbers):
    middles = numbers.choices(MIDDLES, k=numbers.randint(0, 2))
    return numbers.choice(BEGINNINGS) + "".join(middles) + numbers.choice(PEOPLE)


def place(numbers):
    middles = numbers.choices(MIDDLES, k=numbers.randint(0, 2))
    return numbers.choice(BEGINNINGS) + "".join(middles) + numbers.choice(PLACES)


def chinese(numbers):
    return numbers.choice(SURNAMES) + "".join(numbers.choices(GIVEN, k=numbers.randint(1, 2)))


def draw(numbers, kind, chosen, count):
    """So many different names that belong to the set `chosen`."""
    found = []
    while len(found) < count:
        name = kind(numbers)
        if name not in found and set_of(name, valid=100, test=200) == chosen:
            found.append(name)
    return found


def make_sets(description, folder, sizes, make):
    """A script's command line: write train, valid and test, so many pairs of each by `make`."""
    parser = argparse.ArgumentParser(description=description.split("\n\n", maxsplit=1)[0])
    parser.add_argument("folder", nargs="?", default=folder)
    arguments = parser.parse_args()
    write_sets(arguments.folder, {name: make(name, sizes[name], random.Random(seed))
                                  for seed, name in enumerate(SETS)})
