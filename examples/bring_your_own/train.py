"""What the notebook did next: LightGBM with the parameters that someone once found. Its rows come from cd4ml."""
import sys

import lightgbm as lgb
import pandas as pd

rows = pd.read_parquet(sys.argv[1])
target = rows.pop("target")
parameters = {"objective": "binary", "num_leaves": 7, "learning_rate": 0.1, "min_data_in_leaf": 5, "seed": 3,
              "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbose": -1}
model = lgb.train(parameters, lgb.Dataset(rows, target), num_boost_round=60)
model.save_model(sys.argv[2])
print(f"{model.num_trees()} trees on {len(rows)} birds")
