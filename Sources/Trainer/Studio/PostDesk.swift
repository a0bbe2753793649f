import Post
import Synchronization

/// The pages by post that were made since the program started, for the browser to save. They are not in the project: the
/// same choices make the same page again.
final class PostDesk: Sendable {
  /// A page with the messages that can go with it.
  struct Made: Sendable {
    /// The id of the project.
    var project: String
    var page: PostPage
    /// The messages by language, those of the page first.
    var messages: [(tag: String, text: String)]
    /// What the page lacks.
    var remarks: [String]
  }

  private let made = Mutex<[Made]>([])
  /// How many pages are held; one of a reviewer has all recordings in it.
  private static let held = 4

  /// Keeps a page.
  func keep(_ one: Made) {
    made.withLock { made in
      made.removeAll { $0.page.id == one.page.id && $0.project == one.project }
      made.append(one)
      if made.count > Self.held { made.removeFirst() }
    }
  }

  /// Returns the page of a project that was made last; nil if there is none.
  func last(project: String) -> Made? { made.withLock { made in made.last { $0.project == project } } }

  /// Returns a page of a project; nil if it is not held any more.
  func page(_ id: String, project: String) -> Made? {
    made.withLock { made in made.first { $0.project == project && $0.page.id == id } }
  }

  /// Forgets the pages of a project, as a take-down does: a voice may be in any of them.
  func forget(project: String) { made.withLock { made in made.removeAll { $0.project == project } } }
}
