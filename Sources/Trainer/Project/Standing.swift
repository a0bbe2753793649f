import Kit

/// The approvals of one wording or recording, counted by person.
///
/// Names distinguish people, and so do keys: signatures by one key under two names count as one person.
public struct Standing: Equatable, Sendable {
  /// People whose approval counts under the project's policy.
  public var people = 0
  /// Of `people`, those whose approval is proved by a known key.
  public var proved = 0
  /// People whose approval no key proves; not in `people` if the policy counts only proved approvals.
  public var unproved = 0
  /// The known keys that prove approvals.
  public var keys: Set<KeyID> = []
  /// People whose approval counts or has expired.
  public var peopleIncludingExpired = 0
  /// The last day on which the latest of the expired approvals counted; nil if none has expired.
  public var expired: String?

  /// The number of people that an approval requires.
  public static let required = 2

  /// The status: approved by two people, reviewed by one, else a draft.
  public var status: Status { people >= Self.required ? .approved : people == 1 ? .reviewed : .draft }

  /// People whose approval does not count under the project's policy, because no key proves it.
  public var discounted: Int { proved + unproved - people }

  /// Whether the content is approved even if only proved approvals count.
  public var isProved: Bool { proved >= Self.required }
}
