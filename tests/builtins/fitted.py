def run(report):
    pass
