import Catalogue
import Encoding
import Kit
import Project

/// What people decided about a wording, a recording and the clip that is made of both.
extension Workspace {
  /// Whether a machine speaks: the file says so, or it lies in the directory of synthetic speech.
  func isSynthetic(_ take: Take, _ analysis: RecordingAnalysis) -> Bool {
    analysis.synthetic || take.voice == Take.synthetic
  }

  /// The lower of the statuses of the wording and the recording.
  func status(of job: ClipJob, _ analysis: RecordingAnalysis) -> Status {
    min(standing(of: job).status, standing(of: job, analysis).status)
  }

  /// What proves the status of an approved clip; `nil` for any other.
  func proof(of job: ClipJob, _ analysis: RecordingAnalysis) -> ApprovalProof? {
    if status(of: job, analysis) != .approved { return nil }
    return standing(of: job).isProved && standing(of: job, analysis).isProved ? .key : .claim
  }

  /// The approvals of the wording.
  func standing(of job: ClipJob) -> Standing {
    approvals.standing(
      of: Digest.sha256(job.wording.text), kind: .wording, language: job.take.language, prompt: job.take.prompt,
      on: day)
  }

  /// The approvals of the recording.
  func standing(of job: ClipJob, _ analysis: RecordingAnalysis) -> Standing {
    approvals.standing(
      of: analysis.sha256, kind: .recording, language: job.take.language, prompt: job.take.prompt, on: day)
  }

  /// The Opus comments of the clip.
  func tags(of job: ClipJob, _ analysis: RecordingAnalysis) -> ClipTags {
    ClipTags(
      title: job.prompt.title, language: job.take.language, voice: job.take.voice, prompt: job.take.prompt,
      status: status(of: job, analysis).rawValue.uppercased(), synthetic: isSynthetic(job.take, analysis))
  }

  /// The speaker of a recording, if `speakers.yaml` names one.
  func speaker(of take: Take) -> Speaker? { speakers.speaker(of: take.language, voice: take.voice) }

  /// Whether the speaker of a recording is known and consents to its use.
  func consents(_ take: Take) -> Bool { speaker(of: take)?.consents(on: day) ?? false }
}
