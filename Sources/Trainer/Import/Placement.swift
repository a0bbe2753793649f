import Catalogue
import Kit
import KitBuilder
import Posix

/// The place of a recording in a project.
public struct Placement: Hashable, Sendable {
  /// The BCP 47 tag.
  public var language: String
  /// The prompt's number; 0 for a formula.
  public var number: Int
  /// The item's id.
  public var prompt: String
  /// The voice, such as `f1`.
  public var voice: String

  /// Returns the recording's path relative to the project.
  ///
  /// - Parameter ending: the file name's extension.
  public func path(ending: String) -> String {
    "\(Workspace.recordings)/\(language)/\(voice)/\(KitLayout.stem(number: number, prompt: prompt)).\(ending)"
  }
}
