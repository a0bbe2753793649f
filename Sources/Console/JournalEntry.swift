import FoundationEssentials
import Kit

/// One line of the journal. It holds no names, no places and no voices.
///
/// Each line carries the hash of the line before it, so that a line that was changed, removed or moved shows.
public struct JournalEntry: Codable, Equatable, Sendable {
  /// Counts the lines of a journal from 1.
  public var number: Int
  /// SHA-256 of the previous line without its newline; 64 zeros for the first.
  public var previous: String
  /// Wall time, RFC 3339 in UTC with milliseconds; boards without a clock battery may be wrong about it.
  public var time: String
  /// Nanoseconds of CLOCK_MONOTONIC, to be compared within one boot.
  public var monotonic: Int64
  /// /proc/sys/kernel/random/boot_id
  public var boot: String
  /// `ready`, `language`, `started`, `completed`, `stopped`, `failed`, `answer`, `signal`, `finder`, `sequence`, `found`,
  /// `none-found`, `replaced`, `children`, `voice`, `damaged`, `sound-lost`, `sound-found`, `line-lost`, `input-lost`,
  /// `input-found`, `button-stuck`, `button-freed`, `end`.
  public var event: String
  public var language: String?
  public var prompt: String?
  /// SHA-256 of the clip's file.
  public var clip: String?
  /// Milliseconds of the clip that were heard.
  public var heard: Int?
  /// What was signalled, answered, done instead, or went wrong.
  public var detail: String?
  /// Whose judgement an answer is: always `responder`, who saw a hand or a face, and may be mistaken.
  public var judge: String?
  /// Id of the information, where the answer tells whether it was understood.
  public var about: String?
  /// The voice of the clip.
  public var voice: String?
  /// Name, version and SHA-256 of `kit.json`, in the lines that say `ready`.
  public var kit: String?

  public static let firstPrevious = String(repeating: "0", count: 64)

  public init(
    number: Int, previous: String, time: String, monotonic: Int64, boot: String, event: String,
    language: String? = nil, prompt: String? = nil, clip: String? = nil, heard: Int? = nil, detail: String? = nil,
    judge: String? = nil, about: String? = nil, voice: String? = nil, kit: String? = nil
  ) {
    self.number = number
    self.previous = previous
    self.time = time
    self.monotonic = monotonic
    self.boot = boot
    self.event = event
    self.language = language
    self.prompt = prompt
    self.clip = clip
    self.heard = heard
    self.detail = detail
    self.judge = judge
    self.about = about
    self.voice = voice
    self.kit = kit
  }

  /// The line as it stands in the file, without its newline.
  public func line() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return [UInt8](try encoder.encode(self))
  }
}
