#include "engine/pipeline/long_form.h"

namespace wt::pipeline {

Status LongForm::AddWords(const Window&, std::vector<Segment>*) { return Status(); }

}  // namespace wt::pipeline
