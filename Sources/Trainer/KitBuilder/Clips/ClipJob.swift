import Catalogue

/// One recording that is to become a clip, with what the project says about it.
struct ClipJob: Sendable {
  var take: Take
  var prompt: Prompt
  var language: Language
  var wording: Wording
}

/// What the pipeline made of one recording.
struct ClipOutcome: Sendable {
  /// What check found, before and after encoding.
  var findings: [CheckFinding]
  /// `nil` where the file cannot be read.
  var analysis: RecordingAnalysis?
  /// `nil` where no clip was asked for or could be made.
  var clip: PackedClip?

  init(_ findings: [CheckFinding], analysis: RecordingAnalysis? = nil, clip: PackedClip? = nil) {
    self.findings = findings
    self.analysis = analysis
    self.clip = clip
  }

  /// Seconds of the recording; 0 where it cannot be read.
  var duration: Double { analysis?.duration ?? 0 }
}
