"""The knowledge base: what citizens ask again and again, and the answers agents may give at once.

Articles are kept in versions, nothing is deleted, and each has a day on which somebody has to read
it again. They are found by Chinese, pinyin or initials, and suggested by a form's class and words.
"""
