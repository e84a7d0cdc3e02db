/// All lane kernels.
#pragma once

#include "stdlib/kernels/arithmetic.h"
#include "stdlib/kernels/calendar.h"
#include "stdlib/kernels/exponential.h"
#include "stdlib/kernels/trigonometry.h"
