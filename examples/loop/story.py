"""The story that the demonstration tells and the test asserts: calm days, a storm, a new champion, a broken feed."""
import time

import world


def play(stage, say=lambda text: None, pause=0.0):
    """Plays it on `stage`. `say` gets a sentence a step for whoever watches; `pause` slows the clients, for people."""
    say("Three days of flights have landed. `cd4mlc deploy` trains a model; it passes its gate and becomes the champion.")
    for day in range(3):
        stage.land(day, stage.world.day(day))
    stage.run("deploy", *stage.params)
    say("`cd4mlc serve` answers requests with it, `cd4mlc agent` watches over it. Nobody will type a command from here on.")
    stage.serve()
    stage.agent()
    calm(stage, say, pause)
    storm(stage, say, pause)
    broken(stage, say, pause)


def windows(stage):
    """Windows by model and first day; labels that came later have an entry of their own, which adds its events."""
    out = {}
    for _, _, body in stage.entries("window"):
        before = out.get((body["model"], body["from"][:10]), {"events": []})
        out[body["model"], body["from"][:10]] = {**body, "events": before["events"] + body["events"]}
    return out


def calm(stage, say, pause):
    say("Three calm days: passengers ask, flights land, labels come back.")
    for day in (3, 4, 5):
        stage.replay(day, pause=pause)


def storm(stage, say, pause):
    say("Snow in the north-east and at the Great Lakes: mornings are cancelled or moved, most flights from there arrive late.")
    for day in (6, 7, 8):
        stage.replay(day, world.storm, pause=pause)
    say("The storm goes on. The window of three days is complete now, and the agent looks at it.")
    flow = traffic(stage, [9, 10, 11], world.storm)
    keep(stage, flow, lambda: "rolling_out" in stage.states(), "a challenger", requests=1)
    say("A challenger was trained on the newest days and passed its gate against the champion. The server leads it in step by step.")
    keep(stage, flow, lambda: "settled" in stage.stages(), "a settled champion", requests=2)
    say("The new model has taken over without a failed request. The storm goes on, and now the predictions are right again.")
    for _ in flow:
        pass
    stage.until(lambda: stage.states()[-1] == "watching", 30, "the end of the cool-down")


def broken(stage, say, pause):
    say("A new version of the feed: delays come in seconds instead of minutes, and nobody said so.")
    for day in (12, 13, 14):
        stage.replay(day, world.in_seconds, pause=pause)
    flow = traffic(stage, [15], world.in_seconds)
    keep(stage, flow, lambda: stage.states()[-1] == "held", "a held retraining", requests=1)
    stage.until(lambda: stage.inbox.of("mail"), 15, "the mail to the data scientist on duty")
    say("Nothing was trained on it and nothing was released. The champion goes on answering, and a person knows why.")


def traffic(stage, days, change):
    """Days of requests, one at a time; the file of a day lands at its end."""
    for day in days:
        rows = stage.world.day(day, change)
        yield from stage.requests(day, rows)
        stage.land(day, rows)


def keep(stage, flow, holds, what, requests):
    """Lets requests flow, so many in each 30 ms, until it holds."""
    end = time.monotonic() + 60
    while not holds():
        if time.monotonic() > end:
            raise RuntimeError(f"not within 60 s: {what}; {stage.states()} {stage.stages()}")
        for _ in range(requests):
            next(flow, None)
        time.sleep(0.03)
