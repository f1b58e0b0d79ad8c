#!/usr/bin/python3
"""Make data/chat/{train,valid,test}.tsv: somebody says who they are, in English or in
Chinese, and is greeted by name. Words stand between spaces.

The names are made up, and each is said a few times at most; no name of one set is in
another. For configs/copy/chat.yaml.
"""
import names

ENGLISH = [
    ("i am {0}", "hello {0} !"),
    ("hello , i am {0}", "hello {0} , how are you ?"),
    ("my name is {0} .", "nice to meet you , {0} !"),
    ("good morning , my name is {0} .", "good morning , {0} !"),
    ("good evening , {0} here", "good evening , {0} !"),
    ("this is {0} speaking", "what can i do for you , {0} ?"),
    ("{0} has to go now", "goodbye , {0} !"),
    ("i am {0} , and this is {1}", "hello {0} and {1} !"),
    ("tell {0} that {1} is here", "{0} , {1} is here !"),
    ("i am not {0} , i am {1}", "sorry , {1} !"),
]
CHINESE = [
    ("我 是 {0}", "你好 ! {0}"),
    ("我 叫 {0}", "{0} , 很 高兴 认识 你 !"),
    ("早上 好 , 我 是 {0}", "早上 好 , {0} !"),
    ("晚上 好 , 我 叫 {0}", "晚上 好 , {0} !"),
    ("{0} 要 走 了", "再见 , {0} !"),
    ("我 是 {0} , 这 是 {1}", "你们 好 ! {0} 和 {1}"),
    ("我 不 是 {0} , 我 是 {1}", "对不起 , {1} !"),
]
SIZES = {"train": 10000, "valid": 400, "test": 1000}


def make(chosen, count, numbers):
    pairs = []
    for _ in range(count):
        phrases, kind = numbers.choice([(ENGLISH, names.person), (CHINESE, names.chinese)])
        who = names.draw(numbers, kind, chosen, 2)
        source, target = numbers.choice(phrases)
        pairs.append((source.format(*who), target.format(*who)))
    return pairs


if __name__ == "__main__":
    names.make_sets(__doc__, "data/chat", SIZES, make)
