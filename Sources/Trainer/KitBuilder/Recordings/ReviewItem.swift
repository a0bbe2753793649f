import Catalogue
import Encoding

/// What a reviewer judges: one wording, and the recordings of it.
public struct ReviewItem: Sendable {
  public var language: Language
  public var prompt: Prompt
  public var wording: Wording
  /// By voice; a machine's voice is among them.
  public var takes: [Take]

  /// Names its wording in the ledger.
  public var hash: String { Digest.sha256(wording.text) }
}

/// A recording as a listener will hear it.
public struct Audible: Sendable {
  /// Of the recording: names it in the ledger.
  public var sha256: String
  /// Seconds of the recording.
  public var duration: Double
  /// A machine speaks: nobody approves that.
  public var synthetic: Bool
  /// The Ogg Opus file.
  public var clip: [UInt8]
}

extension KitBuild {
  /// What the project has to say in a language, by number: only what has words.
  public func items(of language: Language) -> [ReviewItem] {
    let takes = Dictionary(grouping: tree.takes.filter { $0.language == language.tag }, by: \.prompt)
    return prompts(of: language).compactMap { prompt in
      language.wordings[prompt.id].map {
        ReviewItem(language: language, prompt: prompt, wording: $0, takes: takes[prompt.id, default: []])
      }
    }
  }

  /// What identifies a recording, and whether a machine speaks in it; nothing is encoded.
  ///
  /// - Throws: a finding that says why it is no recording.
  public func identify(_ take: Take) throws(CheckFinding) -> (sha256: String, duration: Double, synthetic: Bool) {
    do throws(RecordingError) {
      let heard = try self.heard(take)
      return (heard.sha256, heard.duration, isSynthetic(take, heard))
    } catch { throw take.finding(error) }
  }

  /// Levels and encodes a recording, or takes it from the cache.
  ///
  /// - Throws: a finding that says why there is nothing to hear.
  public func audible(_ take: Take, of item: ReviewItem) throws(CheckFinding) -> Audible {
    let job = ClipJob(take: take, prompt: item.prompt, language: item.language, wording: item.wording)
    let (heard, recording): (Heard, Recording?)
    do throws(RecordingError) { (heard, recording) = try read(take) } catch { throw take.finding(error) }
    do throws(ClipFault) {
      let clip = try self.clip(take, heard, recording, tags: tags(of: job, heard))
      return Audible(
        sha256: heard.sha256, duration: heard.duration, synthetic: isSynthetic(take, heard), clip: clip.bytes)
    } catch { throw take.finding(error) }
  }
}

extension CheckFinding: Error {}
