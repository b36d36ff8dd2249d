import { int64, list, obj, oneOf, str, time } from './json-schema.ts'

/** The condition list of Kubernetes' own API conventions; the limits are Kubernetes'. */
export const conditions = list(
  obj(
    {
      type: str('What the condition is about.', { maxLength: 316 }),
      status: oneOf(['True', 'False', 'Unknown'], 'Whether it holds.'),
      reason: str('One word why.', { minLength: 1, maxLength: 1024 }),
      message: str('A sentence for people.', { maxLength: 32768 }),
      lastTransitionTime: time('When the status last changed.'),
      observedGeneration: int64('Generation it was computed for.', { minimum: 0 }),
    },
    undefined,
    { required: ['lastTransitionTime', 'message', 'reason', 'status', 'type'] },
  ),
  'What is known to hold.',
)
