"""What the notebook did first: read, drop, rename. Kept as it was; only the paths come from the command line."""
import sys

import pandas as pd

birds = pd.read_csv(sys.argv[1])
birds = birds.rename(columns={"Species": "species", "Island": "island", "Beak Length (mm)": "beak_length", "Beak Depth (mm)": "beak_depth",
                              "Flipper Length (mm)": "flipper_length", "Body Mass (g)": "body_mass", "Sex": "sex"})
birds = birds[birds["sex"].isin(["MALE", "FEMALE"])].dropna()
birds["sex"] = birds["sex"].str.lower()
birds.to_csv(sys.argv[2], index=False)
print(f"{len(birds)} birds")
