"""`python -m langchain_novastack.evaluation`: measures the default policy on files of labelled prompts."""

import sys

from langchain_novastack.evaluation.evaluate import main

sys.exit(main())
