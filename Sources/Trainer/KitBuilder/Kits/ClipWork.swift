import CLoudness
import COpusEnc
import Catalogue
import Encoding
import FoundationEssentials
import Glibc
import Kit
import Posix
import Project

/// A clip, and what is told of it.
struct KeptClip: Sendable {
  var figures: ClipFigures
  /// The Ogg Opus file.
  var bytes: [UInt8]
}

/// What was measured of a finished clip.
struct ClipFigures: Codable, Equatable, Sendable {
  /// Of 48 kHz; `onset` stand before the voice.
  var frames: Int
  var onset: Int
  /// LUFS.
  var loudness: Double
  /// dBTP.
  var peak: Double
  /// LU under the target, and what kept it there.
  var shortfall: Double
  var cause: Levelled.Cause?

  init(_ clip: MasteredClip) {
    frames = clip.frames
    onset = clip.onset
    loudness = clip.loudness.level
    peak = clip.loudness.peak
    shortfall = clip.shortfall
    cause = clip.cause
  }
}

/// Why a recording gave no clip.
enum ClipFault: Error {
  case recording(RecordingError)
  case master(MasterError)
}

/// What follows from a recording and the settings alone: the long work, so what was done before is taken from the
/// cache.
extension KitBuild {
  func heard(_ take: Take) throws(RecordingError) -> Heard { try read(take).heard }

  /// What is heard, and the recording itself where it had to be read for that.
  func read(_ take: Take) throws(RecordingError) -> (heard: Heard, recording: Recording?) {
    // What cannot be hashed cannot be read either: the recording itself says why.
    let key = cache.flatMap { _ in (try? Recording.sha256(path: take.path)).map(heardKey) }
    if let key, let kept = cache?.value(Heard.self, key) { return (kept.value, nil) }
    let recording = try Recording(path: take.path)
    let heard = heard(recording)
    // The file may have changed since its hash was taken.
    if key != nil { cache?.keep(heard, under: heardKey(recording.sha256)) }
    return (heard, recording)
  }

  /// What is heard in a recording, wherever it lies.
  public func heard(_ recording: Recording) -> Heard {
    let spoken = Level.spoken(recording, settings: master.level)
    let loudness = spoken.flatMap { try? Loudness.level($0.samples, rate: recording.rate) }
    return Heard(recording, voice: spoken?.voice, loudness: loudness, limits: check.limits)
  }

  /// - Parameter recording: what was heard, if it is still at hand.
  func clip(
    _ take: Take, _ heard: Heard, _ recording: Recording? = nil, tags: ClipTags
  ) throws(ClipFault) -> KeptClip {
    let key = clipKey(take, heard.sha256, tags)
    if let kept = cache?.value(ClipFigures.self, key) { return KeptClip(figures: kept.value, bytes: kept.bytes) }
    let source: Recording
    do throws(RecordingError) {
      if let recording { source = recording } else { source = try Recording(path: take.path) }
    } catch { throw .recording(error) }
    // The tags say how far the recording that was heard has come; another one may not have.
    if source.sha256 != heard.sha256 { throw .recording(.changed) }
    do throws(MasterError) {
      let clip = try master.clip(source, tags: tags, serial: serial(of: take, heard.sha256))
      let kept = KeptClip(figures: ClipFigures(clip), bytes: clip.bytes)
      cache?.keep(kept.figures, with: kept.bytes, under: key)
      return kept
    } catch { throw .master(error) }
  }

  /// Size of the clip, if it is in the cache.
  func kept(_ job: ClipJob, _ heard: Heard) -> Int? {
    cache?.value(ClipFigures.self, clipKey(job.take, heard.sha256, tags(of: job, heard)))?.bytes.count
  }

  /// What the clip will say of itself.
  func tags(of job: ClipJob, _ heard: Heard) -> ClipTags {
    ClipTags(
      title: job.prompt.title, language: job.take.language, voice: job.take.voice, prompt: job.take.prompt,
      status: status(of: job, heard).rawValue.uppercased(), synthetic: isSynthetic(job.take, heard))
  }

  func isSynthetic(_ take: Take, _ heard: Heard) -> Bool { heard.synthetic || take.voice == Take.synthetic }

  /// A clip is as far as the less far of its wording and its recording.
  func status(of job: ClipJob, _ heard: Heard) -> Status {
    min(standing(of: job).status, standing(of: job, heard).status)
  }

  /// What stands behind its status; nothing where it has none.
  func proof(of job: ClipJob, _ heard: Heard) -> ApprovalProof? {
    if status(of: job, heard) != .approved { return nil }
    return standing(of: job).isProved && standing(of: job, heard).isProved ? .key : .claim
  }

  /// Who stands by its wording.
  private func standing(of job: ClipJob) -> Standing {
    approvals.standing(
      of: Digest.sha256(job.wording.text), kind: .wording, language: job.take.language, prompt: job.take.prompt,
      on: day)
  }

  /// Who stands by its recording.
  func standing(of job: ClipJob, _ heard: Heard) -> Standing {
    approvals.standing(
      of: heard.sha256, kind: .recording, language: job.take.language, prompt: job.take.prompt, on: day)
  }

  /// The Ogg stream's number: of the content, where libopusenc would take a random one.
  private func serial(of take: Take, _ hash: String) -> Int32 {
    let sum = Digest.sha256("\(hash)/\(take.language)/\(take.voice)/\(take.prompt)")
    return Int32(truncatingIfNeeded: UInt32(sum.prefix(8), radix: 16) ?? 0)
  }

  // MARK: Keys

  private func heardKey(_ hash: String) -> String {
    Digest.sha256("heard/\(hash)/\(master.level)/\(check.limits.dropout)/\(Self.makers)")
  }

  private func clipKey(_ take: Take, _ hash: String, _ tags: ClipTags) -> String {
    Digest.sha256("clip/\(hash)/\(serial(of: take, hash))/\(tags)/\(master)/\(Self.makers)")
  }

  /// Who does the work: another program or another version of a library may do it otherwise.
  /// The program is told by its file.
  private static let makers: String = {
    var program = stat()
    stat("/proc/self/exe", &program)
    var (major, minor, patch): (CInt, CInt, CInt) = (0, 0, 0)
    ebur128_get_version(&major, &minor, &patch)
    let libraries = [
      String(cString: opus_get_version_string()), String(cString: ope_get_version_string()),
      "\(major).\(minor).\(patch)",
    ]
    return libraries.joined(separator: "/") + "/\(program.st_size)/\(program.st_mtim.tv_sec).\(program.st_mtim.tv_nsec)"
  }()
}

extension Cache {
  /// A value and the bytes that were kept with it.
  fileprivate func value<Value: Decodable>(_ type: Value.Type, _ key: String) -> (value: Value, bytes: [UInt8])? {
    guard let content = read(key), let end = content.firstIndex(of: 0x0A),
      let value = try? Documents.decode(type, from: Array(content[..<end]))
    else { return nil }
    return (value, Array(content[(end + 1)...]))
  }

  /// One line of JSON, and the bytes behind it.
  fileprivate func keep(_ value: some Encodable, with bytes: [UInt8] = [], under key: String) {
    guard let line = try? JSONEncoder().encode(value) else { return }
    write(key, Array(line) + [0x0A] + bytes)
  }
}

extension Take {
  func finding(_ fault: ClipFault) -> CheckFinding {
    switch fault {
    case .recording(let error): finding(error)
    case .master(let error): finding(error)
    }
  }
}
