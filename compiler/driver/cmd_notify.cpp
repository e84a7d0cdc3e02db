// `notify test NAME`: a message that tells nothing, to see that the channel works.
#include <fmt/format.h>

#include "compiler/driver/release_output.h"
#include "runtime/notify/channel.h"
#include "runtime/release/message.h"
#include "runtime/track/json.h"

namespace cd4ml::driver {

int cmdNotify(const Arguments& arguments, const Console& console) {
  return withLedger(arguments, console, [&](Opened& opened, track::Ledger& ledger) -> Result<int> {
    if (arguments.names.size() != 2 || arguments.names[0] != "test") {
      return makeError("CD4101", "what to do? `cd4mlc notify test NAME`");
    }
    const ir::Pipeline& pipeline = opened.compilation.pipeline;
    CD4ML_TRY(const ir::NodeId node, findNode(pipeline, arguments.names[1]));
    if (!std::holds_alternative<ir::Notify>(pipeline[node].body)) {
      return makeError("CD4103", fmt::format("`{}` is a {}, not a notify", arguments.names[1], ir::kindText(pipeline[node])));
    }
    const track::Message message = release::testMessage(opened.scope, channelOf(pipeline[node]), track::nowMicroseconds());
    const notify::Attempt attempt = notify::attempt(message);
    const bool sent = attempt.outcome == track::Outcome::Delivered;
    if (console.json()) {
      console.result(track::Json{{"v", 1}, {"notify", message.notify}, {"delivered", sent}, {"detail", attempt.detail}}.dump() + "\n");
    } else {
      console.result(fmt::format("{} ({}): {}: {}\n", message.notify, message.channel,
                                 sent ? console.out(Style::Good, "sent") : console.out(Style::Bad, "not sent"), attempt.detail));
    }
    CD4ML_TRY_VOID(deliverMessages(opened.project, ledger, console));
    return sent ? Ok : StageFailed;
  });
}

}  // namespace cd4ml::driver
