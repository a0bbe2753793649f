import KitBuilder
import Synchronization

/// What was measured of the files of one source, so that a second plan of the same files decodes none of them again.
/// Any thread may use it.
public final class ImportMemory: Sendable {
  fileprivate struct Entry: Sendable {
    var sound: Sound
    var segments: [SoundSegment]?
    /// By the piece; nil for the whole file.
    var analyses: [Range<Double>?: Result<RecordingAnalysis, RecordingError>] = [:]
  }

  /// What is known of a whole file.
  fileprivate struct Sound: Sendable {
    var sha256: String
    var duration: Double
    var isConverted: Bool
    var isSynthetic: Bool
    var levels: [UInt8]
  }

  private let entries = Mutex<[String: Entry]>([:])
  /// The maximum number of measured pieces of one file: a person moves cuts many times.
  private static let limit = 2000

  /// Creates an empty memory.
  public init() {}

  /// Returns whether a file has been decoded.
  ///
  /// - Parameter name: its name in the source.
  public func knows(_ name: String) -> Bool { entries.withLock { $0[name] != nil } }

  /// Returns the shape of a file for a drawing: the highest amplitude of each hundredth of a second, where 255 is full
  /// scale.
  ///
  /// - Parameter name: its name in the source.
  /// - Returns: nil if the file has not been decoded.
  public func levels(of name: String) -> [UInt8]? { entries.withLock { $0[name]?.sound.levels } }

  /// Returns the length of a file in seconds; nil if it has not been decoded.
  ///
  /// - Parameter name: its name in the source.
  public func duration(of name: String) -> Double? { entries.withLock { $0[name]?.sound.duration } }

  fileprivate subscript(name: String) -> Entry? {
    get { entries.withLock { $0[name] } }
    set {
      entries.withLock { entries in
        entries[name] = newValue
        if let count = newValue?.analyses.count, count > Self.limit { entries[name]?.analyses = [:] }
      }
    }
  }
}

/// A file of a source that is decoded when it is needed, and what is known of it.
final class HeardFile {
  private let source: Source
  private let file: SourceFile
  private let memory: ImportMemory
  private var decoded: DecodedFile?
  private let sound: ImportMemory.Sound

  /// Creates a value; decodes the file if the memory does not know it.
  init(_ file: SourceFile, of source: Source, memory: ImportMemory) throws {
    self.source = source
    self.file = file
    self.memory = memory
    if let known = memory[file.name] {
      sound = known.sound
      return
    }
    let decoded = try source.open(file) { try DecodedFile(path: $0, name: file.name) }
    let recording = decoded.recording
    sound = ImportMemory.Sound(
      sha256: decoded.sha256, duration: recording.duration, isConverted: decoded.isConverted,
      isSynthetic: recording.synthetic, levels: recording.levels)
    memory[file.name] = ImportMemory.Entry(sound: sound)
    self.decoded = decoded
  }

  /// The SHA-256 of the original file.
  var sha256: String { sound.sha256 }
  /// The length in seconds.
  var duration: Double { sound.duration }
  /// Whether ffmpeg converted the file.
  var isConverted: Bool { sound.isConverted }
  /// Whether the file says that a machine speaks.
  var isSynthetic: Bool { sound.isSynthetic }

  private func recording() throws -> Recording {
    if let decoded { return decoded.recording }
    let again = try source.open(file) { try DecodedFile(path: $0, name: file.name) }
    decoded = again
    return again.recording
  }

  /// Returns the parts of the file between pauses.
  func segments() throws -> [SoundSegment] {
    if let known = memory[file.name]?.segments { return known }
    let segments = SoundSegment.all(in: try recording())
    memory[file.name]?.segments = segments
    return segments
  }

  /// Measures the file, or a piece of it.
  ///
  /// - Parameter piece: in seconds; nil for the whole file.
  /// - Throws: an error if the file cannot be decoded again; a measurement that fails is a result.
  func analysis(of piece: Range<Double>?, by pipeline: ClipPipeline) throws -> Result<RecordingAnalysis, RecordingError>
  {
    if let known = memory[file.name]?.analyses[piece] { return known }
    let recording = try recording()
    let heard = piece.map(recording.cut) ?? recording
    let result: Result<RecordingAnalysis, RecordingError>
    do throws(RecordingError) { result = .success(try pipeline.analysis(of: heard)) } catch { result = .failure(error) }
    memory[file.name]?.analyses[piece] = result
    return result
  }
}

extension Recording {
  /// The highest amplitude of each hundredth of a second, where 255 is full scale.
  fileprivate var levels: [UInt8] {
    let hop = max(1, rate / 100)
    return samples.withUnsafeBufferPointer { samples in
      stride(from: 0, to: samples.count, by: hop).map { start in
        var highest: Float = 0
        for index in start..<min(samples.count, start + hop) { highest = max(highest, abs(samples[index])) }
        return UInt8(min(255, (highest * 255).rounded()))
      }
    }
  }
}
