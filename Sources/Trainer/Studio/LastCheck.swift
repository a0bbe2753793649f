import KitBuilder
import Posix

/// The report of the last check, as far as the files that it read are still the same.
struct LastCheck: Sendable {
  /// When it ended.
  let at: WallTime
  /// What it found.
  let report: CheckReport
  /// The stamps of the recordings at that time, by their paths.
  private let stamps: [String: String]

  /// Keeps a report.
  init(_ report: CheckReport, at: WallTime) {
    self.report = report
    self.at = at
    let paths = report.takes.map(\.take.path)
    stamps = Dictionary(
      paths.compactMap { path in FileStamp.of(path).map { (path, $0) } }, uniquingKeysWith: { first, _ in first })
  }

  /// Returns the errors and warnings about recordings that have not changed since, by place: `ro/safe-here`.
  func remarks() -> [String: [CheckFinding]] {
    let found = report.findings.filter { finding in
      finding.severity != .note && finding.prompt != nil && finding.language != nil
        && stamps[finding.path].map { $0 == FileStamp.of(finding.path) } == true
        && finding.code != .sentBack
    }
    return Dictionary(grouping: found) { "\($0.language ?? "")/\($0.prompt ?? "")" }
  }
}
