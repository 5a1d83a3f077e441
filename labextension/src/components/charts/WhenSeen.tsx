import { useEffect, useRef, useState, type ReactNode } from 'react';

/** Shows its content once it is scrolled near; until then its place is kept. */
export function WhenSeen({ height, children }: { height: number; children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(typeof IntersectionObserver === 'undefined');
  useEffect(() => {
    if (seen || !place.current) {
      return undefined;
    }
    const observer = new IntersectionObserver(entries => entries.some(entry => entry.isIntersecting) && setSeen(true), {
      rootMargin: '300px'
    });
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [seen]);
  return (
    <div ref={place} className="jmo-when-seen" style={seen ? undefined : { height }}>
      {seen ? children : null}
    </div>
  );
}
