"""Builds a small Vosk model of Mandarin from nothing but espeak-ng's own speech.

It exists so that the real engine runs in the demo and in the tests without a download. It knows
the demo's synthetic voices and nothing else: on real people it is useless. Run it with
``make demo-model``; it needs requirements/model.txt and OpenFst's tools, running the model does
not. docs/adr/0008-a-demo-model-of-our-own.md says how it works.
"""
