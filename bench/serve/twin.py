"""The same model and the same features behind FastAPI and LightGBM: what a careful Python team would put into production.

No pandas: the row is worked out in plain Python into one numpy row. Encoders come from a JSON file that `run` fits on the training
part; the booster is trained by LightGBM on the same features.
"""
import datetime
import json
import math
import os

import fastapi
import lightgbm
import numpy
import pydantic

state = json.load(open(os.environ["TWIN_STATE"]))
booster = lightgbm.Booster(model_file=os.environ["TWIN_MODEL"])
app = fastapi.FastAPI()
mean, deviation = state["log_distance"]
origins, late_of = state["origins"], state["late"]


class Tensor(pydantic.BaseModel):
    name: str
    shape: list[int]
    datatype: str
    data: list


class Request(pydantic.BaseModel):
    id: str | None = None
    inputs: list[Tensor]


def features(date, distance, origin, destination):
    at = datetime.datetime.fromisoformat(date)
    hour, minute, weekday = at.hour, at.minute, at.isoweekday()
    angle = (hour + 0.25) * 2.0 * 3.141592653589793 / 24.0
    log = math.log1p(distance)
    return [hour, weekday, at.month, hour * 60 + minute, math.sin(angle), math.cos(angle), weekday >= 6, distance, (log - mean) / deviation, math.sqrt(distance),
            distance > 1500, distance * hour, origins.get(origin, -1), late_of["origin"].get(origin, state["prior"]), late_of["destination"].get(destination, state["prior"]),
            late_of["route"].get(f"{origin}-{destination}", state["prior"])]


@app.post("/v2/models/late/infer")
def infer(request: Request):
    columns = {tensor.name: tensor.data for tensor in request.inputs}
    rows = numpy.array([features(*row) for row in zip(columns["date"], columns["distance"], columns["origin"], columns["destination"])], dtype=numpy.float64)
    probability = booster.predict(rows, num_threads=1)
    return {"model_name": "late", "model_version": "1", "id": request.id, "outputs": [
        {"name": "prediction", "datatype": "BOOL", "shape": [len(rows)], "data": (probability >= 0.5).tolist()},
        {"name": "probability", "datatype": "FP64", "shape": [len(rows)], "data": probability.tolist()}]}
