/** The sign of the house: a U that is a way from one port to another. */
export function Mark({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#5d51d6" />
      <path d="M9 9v8a7 7 0 0 0 14 0V9" fill="none" stroke="#fff" strokeWidth="3.5" strokeLinecap="round" />
      <circle cx="16" cy="9.5" r="2.25" fill="#fff" />
    </svg>
  );
}
