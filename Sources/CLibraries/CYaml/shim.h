/* libyaml: the events of a YAML file, https://pyyaml.org/wiki/LibYAML */
#pragma once
#include <yaml.h>
