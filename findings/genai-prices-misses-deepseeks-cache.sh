#!/usr/bin/env bash
# genai-prices 0.2.3: read off an answer of DeepSeek's API, the tokens that came from its cache are taken for full ones,
# and priced so. DeepSeek names them `prompt_cache_hit_tokens`; the extractor of provider `deepseek` reads
# `prompt_tokens` and `completion_tokens` alone, although the same package has a price for cached tokens of that model.
# A good guess is wrong because the extractors are made for each provider, and those of others read their caches.
# Seen 2026-11-29: 900 of 1,000 tokens cached; the usage has no cached ones, and costs what it would without a cache.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet genai-prices==0.2.3
cat >"$folder/see.py" <<'PY'
import sys

from genai_prices import Usage, calc_price, extract_usage

usage = {"prompt_tokens": 1000, "completion_tokens": 10, "total_tokens": 1010}
cached = {**usage, "prompt_cache_hit_tokens": 900, "prompt_cache_miss_tokens": 100}
read = extract_usage({"model": "deepseek-chat", "usage": cached}, provider_id="deepseek", api_flavor="chat").usage
told = Usage(input_tokens=1000, cache_read_tokens=900, output_tokens=10)
price, right = (calc_price(each, "deepseek-chat", provider_id="deepseek").total_price for each in (read, told))
print(f"cached tokens read: {read.cache_read_tokens}; {price} dollars, where {right} would be right")
sys.exit(bool(read.cache_read_tokens) or price == right)
PY
"$folder/venv/bin/python" "$folder/see.py"
