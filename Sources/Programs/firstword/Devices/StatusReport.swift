import Control
import Distribution
import Posix

/// The daemon's reply to `status`, and beside it what the device last heard of its channel, which the daemon does not
/// know.
struct StatusReport: Encodable {
  /// The daemon's reply.
  let reply: Reply
  /// What firstword-sync wrote; nil where no channel is followed.
  let channel: DatedNews?

  private enum CodingKeys: String, CodingKey { case channel }

  func encode(to encoder: any Encoder) throws {
    try reply.encode(to: encoder)
    var members = encoder.container(keyedBy: CodingKeys.self)
    try members.encodeIfPresent(channel, forKey: .channel)
  }
}

/// News of a channel, and how old it is.
struct DatedNews: Encodable {
  /// The news.
  let news: ChannelNews
  /// The time at which its age is taken.
  let now: WallTime

  private enum CodingKeys: String, CodingKey { case days, isSilent }

  func encode(to encoder: any Encoder) throws {
    try news.encode(to: encoder)
    var members = encoder.container(keyedBy: CodingKeys.self)
    try members.encodeIfPresent(news.days(at: now), forKey: .days)
    try members.encode(news.isSilent(at: now), forKey: .isSilent)
  }
}
