"""Files of anybody are checked by a process of its own, within limits of time and memory, one lane
for all: whoever sends one to keep us busy keeps nobody else waiting who sells."""
