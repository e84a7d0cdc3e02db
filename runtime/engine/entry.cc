// The one exported symbol of libcd4ml_engine.so.
#include "runtime/engine/engine.h"
